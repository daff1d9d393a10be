// What the page shows of the view in its address. Everything is text or drawn: no HTML is made.
if (typeof document !== "undefined") {
  const SAY = {
    vi: {
      basis: "Căn cứ: ", all: "tất cả",
      points: x => `${x} điểm`, percent: x => `${x} %`, remove: "Bỏ",
      most: n => `Đã đủ ${n} đơn vị: bỏ bớt một đơn vị để thêm đơn vị khác.`,
      item: "Chỉ tiêu", rank: "Hạng", of: (n, all) => `${n}/${all}`, unit: "Đơn vị",
      whole: "Tổng điểm", dimensions: "Nhóm chỉ tiêu", values: "Giá trị chỉ tiêu", period: "Kỳ",
      none: "Chưa chọn đơn vị nào: hãy thêm ít nhất hai đơn vị để so.",
      more: n => `⋯ ${n} đơn vị`, behind: "Số liệu của hình", among: "Trong nhóm",
      drawn: { ranking: "xếp hạng", distribution: "phân bố", series: "qua các kỳ" },
      missing: "không có số liệu", held: n => `${n} đơn vị có số liệu`, place: "Thứ",
      lower: "Thấp hơn là tốt hơn.", single: "Khung này chưa có kỳ trước để vẽ qua các kỳ.",
      broken: "Đường đứt ở chỗ thiếu số liệu; vạch chấm: thiếu kỳ, đổi cách tính hoặc phạm vi. "
        + "n: số đơn vị hiện có của nhóm có số liệu ở kỳ.",
      made: " * Số liệu do máy tạo để minh họa, không nối với số liệu thật.",
      having: "Số đơn vị của nhóm có số liệu", both: "Có cả ở kỳ trước",
      ours: "Theo khung: điểm (hạng)", yours: "Của bạn, không chính thức: điểm (hạng)",
      change: "Đổi hạng", ranked: n => `hạng ${n}`,
      parts: name => `Trong nhóm ${name}`,
      unofficial: "[không chính thức] ", target: what => `Trọng số của: ${what}. Chọn “Tổng điểm” `
        + "hay một nhóm chỉ tiêu ở mục trên để đổi.",
      incomplete: "Không đơn vị nào trong nhóm đã chọn có đủ số liệu cho điểm này: hãy chọn một "
        + "nhóm chỉ tiêu ở mục trên.",
      pair: (a, b) => `${a} trên ${b}`,
      equal: "bằng nhau ở mọi chỉ tiêu, nên bằng nhau với mọi bộ trọng số",
      always: "ở mọi bộ trọng số không thấp hơn (không thấp hơn ở chỉ tiêu nào)",
      share: (p, low, high, q) => `${p} % không gian trọng số (khoảng 95 %: ${low}–${high} %); `
        + `ngược lại ${q} %`,
      how: n => `Tính trên ${n} bộ trọng số rút đều trong không gian mọi bộ trọng số (ở mỗi cấp, `
        + "các phần không âm, cộng lại bằng 1), luôn là những bộ ấy; không phụ thuộc thanh trượt. "
        + "Phần còn lại, nếu có, là bằng điểm.",
      apart: "Cần ít nhất hai đơn vị được xếp hạng trong cùng một nhóm.",
    },
    en: {
      basis: "Legal basis: ", all: "all",
      points: x => `${x} points`, percent: x => `${x}%`, remove: "Remove",
      most: n => `${n} units are chosen: remove one to add another.`,
      item: "Indicator", rank: "Rank", of: (n, all) => `${n}/${all}`, unit: "Unit",
      whole: "Total", dimensions: "Groups of indicators", values: "Values of indicators",
      period: "Period", none: "No unit is chosen: add at least two to compare.",
      more: n => `⋯ ${n} units`, behind: "Figures of the chart", among: "Among",
      drawn: { ranking: "ranking", distribution: "distribution", series: "over the periods" },
      missing: "no figure", held: n => `${n} units with figures`, place: "Place",
      lower: "Lower is better.", single: "No earlier period of this framework to draw.",
      broken: "A line breaks where figures are missing; dotted: a missing period, another "
        + "method or coverage. n: today's units of the group with a figure in the period.",
      made: " * Figures made by machine for illustration, not joined with real ones.",
      having: "Units of the group with a figure", both: "Also in the period before",
      ours: "By the framework: score (rank)", yours: "Yours, not official: score (rank)",
      change: "Change of rank", ranked: n => `rank ${n}`,
      parts: name => `Within ${name}`, unofficial: "[not official] ",
      target: what => `Weights of: ${what}. Choose “Total” or a group of indicators above to `
        + "change.",
      incomplete: "No unit of the chosen group has all figures for this score: choose a group of "
        + "indicators above.",
      pair: (a, b) => `${a} above ${b}`,
      equal: "equal in all indicators, hence equal whatever the weights",
      always: "never lower, whatever the weights (lower in no indicator)",
      share: (p, low, high, q) => `${p}% of the space of weights (95% interval: ${low}–${high}%); `
        + `the other way round ${q}%`,
      how: n => `Of ${n} sets of weights drawn evenly from all there are (at each level parts not `
        + "below 0 that sum to 1), always the same; the sliders do not matter. The rest, if any, "
        + "are ties.",
      apart: "At least two units that are ranked in one group are needed.",
    },
  };
  const lang = document.documentElement.lang, say = SAY[lang] ?? SAY.vi;
  const by = id => document.getElementById(id);
  const title = document.title;
  const COLOURS = ["accent", "bad", "violet", "warn", "seq5", "note", "soft", "ink"];
  const LETTERS = "ABCDEFGH";

  const fill = (element, settings, inside) => {
    for (const [name, value] of Object.entries(settings)) element.setAttribute(name, value);
    element.append(...inside.filter(part => part !== null && part !== undefined));
    return element;
  };
  const html = (tag, settings = {}, ...inside) =>
    fill(document.createElement(tag), settings, inside);
  const svg = (tag, settings = {}, ...inside) =>
    fill(document.createElementNS("http://www.w3.org/2000/svg", tag), settings, inside);
  const show = (x, decimals) => printed(x ?? NaN, decimals, lang);
  const colour = n => `var(--c-${COLOURS[n]})`;
  const letter = n => html("span", { class: "letter", style: `--mark:${colour(n)}` }, LETTERS[n]);
  const basis = () => [say.basis, html("span", { lang: "vi" }, state.framework.basis), "."];
  const name = unit => held.units[unit][1];
  const options = (select, pairs, chosen) => {
    select.replaceChildren(...pairs.map(([value, text]) => html("option", { value }, text)));
    if (chosen !== undefined) select.value = chosen;
  };
  const table = (element, heads, rows) => element.replaceChildren(
    html("thead", {}, html("tr", {}, ...heads.map((head, n) =>
      html("th", { scope: "col", ...n && { class: "num" } }, head)))),
    html("tbody", {}, ...rows.map(({ cells, kind }) => html("tr", kind ? { class: kind } : {},
      ...cells.map((cell, n) => n ? html("td", { class: "num" }, cell)
        : html("th", { scope: "row" }, cell))))));

  let state = opening(held);

  // What is measured: its name, values now and before, how it is written, who leads.
  const measured = (framework, id) => {
    const entry = aggregates(framework).find(one => one.id === id);
    if (entry) {
      return { name: entry.parent < 0 ? say.whole : entry.name, values: entry.scores,
        before: entry.before, breaks: framework.tree.breaks, decimals: 2, direction: 1,
        write: x => show(x, 2), ranks: entry.ranks };
    }
    const one = framework.indicators.find(indicator => `v.${indicator.code}` === id);
    const write = x => x === null ? "…"
      : one.percent ? say.percent(show(x, 1)) : say.points(show(x, 2));
    return { ...one, decimals: one.percent ? 1 : 2, write };
  };
  // Places among the units with a figure, group by group; those of scores are as published.
  const standing = (framework, measure) => {
    if (measure.ranks) return measure.ranks.map(rank => rank ?? NaN);
    const found = measure.values.map(() => NaN);
    if (!measure.direction) return found;
    framework.groups.forEach((_, group) => {
      const units = found.map((_, n) => n).filter(n => framework.group[n] === group);
      places(units.map(n => measure.direction * (measure.values[n] ?? NaN)), 9)
        .forEach((place, n) => { found[units[n]] = place; });
    });
    return found;
  };
  const grouped = group => held.units.map((_, n) => n)
    .filter(n => state.framework.group[n] === group);
  const groups = () => [...new Set(state.units.map(unit => state.framework.group[unit]))]
    .filter(group => group >= 0);

  // Choosing

  const choose = () => {
    const { framework } = state;
    options(by("framework"), held.frameworks.map(one => [one.code, one.title]), framework.code);
    const left = held.units.map((_, n) => n).filter(n => !state.units.includes(n));
    const letters = new Intl.Collator(lang, { numeric: true });
    by("unit").replaceChildren(...framework.groups.map((kind, group) =>
      html("optgroup", { label: kind || say.all }, ...left
        .filter(n => framework.group[n] === group)
        .sort((a, b) => letters.compare(name(a), name(b)))
        .map(n => html("option", { value: held.units[n][0] }, name(n))))));
    by("add").disabled = state.units.length >= MOST || !left.length;
    by("said").textContent = state.units.length >= MOST ? say.most(MOST)
      : state.units.length ? "" : say.none;
    by("chosen").replaceChildren(...state.units.map((unit, n) => {
      const button = html("button", { type: "button", "aria-label": `${say.remove} ${name(unit)}` },
        letter(n), html("span", {}, name(unit)), html("span", { "aria-hidden": "true" }, "×"));
      button.addEventListener("click", () => {
        change({ units: state.units.filter(one => one !== unit) });
        (by("chosen").querySelectorAll("button")[n] ?? by("unit")).focus();
      });
      return html("li", {}, button);
    }));
    options(by("measure"), measures(framework).map(id => [id, measured(framework, id).name]),
      state.measure);
    for (const box of document.querySelectorAll("[name=view]")) {
      box.checked = box.value === state.view;
    }
  };

  // Side by side

  const beside = () => {
    const { framework, units } = state;
    const heads = units.map((unit, n) => html("span", {}, letter(n), " ", held.units[unit][2]
      ? html("a", { href: held.units[unit][2] }, name(unit)) : name(unit)));
    const row = id => {
      const measure = measured(framework, id);
      return { cells: [measure.name, ...units.map(unit => measure.write(measure.values[unit]))] };
    };
    const head = text => ({ kind: "group", cells: [text, ...units.map(() => "")] });
    const rows = [], ids = measures(framework), tree = framework.tree;
    if (tree) {
      const ranks = tree.entries.at(-1).ranks;
      const ranked = unit => grouped(framework.group[unit]).filter(n => ranks[n] !== null).length;
      rows.push(row(ids[0]), { cells: [say.rank, ...units.map(unit => ranks[unit] === null ? "…"
        : say.of(show(ranks[unit], 0), show(ranked(unit), 0)))] });
      rows.push(head(say.dimensions), ...ids.filter(id => id.startsWith("d.")).map(row));
      if (framework.indicators.length) rows.push(head(say.values));
    }
    rows.push(...ids.filter(id => id.startsWith("v.")).map(row));
    const now = `${say.item}, ${say.period.toLowerCase()} ${called(framework.periods.length - 1)}`;
    table(by("beside"), [now, ...heads], rows);
    by("basis").replaceChildren(...basis());
  };

  // Drawings, in the pixels of the screen: text is as large on a phone

  const ticks = (low, high, most) => {
    const span = high - low || Math.abs(high) || 1;
    const rough = span / most, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map(n => n * power).find(n => n >= rough * (1 - 1e-9));
    const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
    const count = Math.max(1, last - first);
    return { at: Array.from({ length: count + 1 }, (_, n) => (first + n) * step), decimals };
  };
  const text = (x, y, said, settings = {}) => svg("text", { x, y, ...settings }, said);
  const cut = (said, width) => {
    const letters = Math.max(4, Math.floor(width / 7.2));
    return said.length > letters ? `${said.slice(0, letters - 1).trim()}…` : said;
  };
  const spot = (x, y, n) => svg("g", {}, svg("circle", { cx: x, cy: y, r: 10, fill: colour(n) }),
    text(x, y + 4.5, LETTERS[n], { class: "in", "text-anchor": "middle" }));
  const canvas = (width, height, said, inside) => svg("svg", { viewBox: `0 0 ${width} ${height}`,
    width, height, role: "img", "aria-label": said }, ...inside);

  // Rows that are drawn of a long list: the first, the last, the chosen and their neighbours.
  const shortened = (sorted, chosen) => {
    const near = new Set([0, 1, 2, sorted.length - 1]);
    sorted.forEach((unit, n) => chosen.includes(unit) && [-1, 0, 1].forEach(d => near.add(n + d)));
    return sorted.length <= 12 ? sorted.map((_, n) => n)
      : [...near].filter(n => n >= 0 && n < sorted.length).sort((a, b) => a - b);
  };
  const best = measure => (a, b) =>
    (measure.direction < 0 ? 1 : -1) * (measure.values[a] - measure.values[b]);

  const drawRanking = (width, measure, found, said) => groups().map(group => {
    const there = grouped(group).filter(n => measure.values[n] !== null).sort(best(measure));
    const rows = shortened(there, state.units), parts = [];
    const top = Math.max(...there.map(n => Math.abs(measure.values[n])), 1e-9);
    let y = 0;
    rows.forEach((at, n) => {
      const gap = at - (n ? rows[n - 1] : -1) - 1;
      if (gap > 0) {
        parts.push(text(30, y + 16, say.more(show(gap, 0)), { class: "soft" }));
        y += 26;
      }
      const unit = there[at], chosen = state.units.indexOf(unit);
      const value = measure.write(measure.values[unit]);
      const place = Number.isNaN(found[unit]) ? "" : `${show(found[unit], 0)}. `;
      const weight = chosen >= 0 ? { "font-weight": 700 } : {};
      if (chosen >= 0) parts.push(spot(11, y + 18, chosen));
      parts.push(
        text(30, y + 15, cut(place + name(unit), width - 40 - 8 * value.length), weight),
        text(width, y + 15, value, { "text-anchor": "end", ...weight }),
        svg("rect", { x: 30, y: y + 21, height: 7, rx: 2,
          width: Math.max(1, Math.abs(measure.values[unit]) / top * (width - 30)),
          fill: chosen >= 0 ? colour(chosen) : "var(--c-tint)" }));
      y += 38;
    });
    const kind = state.framework.groups[group] || say.all;
    return html("div", {}, html("h3", {}, `${kind} (${say.held(show(there.length, 0))})`),
      canvas(width, Math.max(y, 1), `${said}; ${kind}`, parts));
  });

  const drawDistribution = (width, measure, found, said) => {
    const units = groups().flatMap(grouped).filter(n => measure.values[n] !== null);
    const values = units.map(n => measure.values[n]);
    const scale = ticks(Math.min(...values), Math.max(...values), width < 500 ? 4 : 8);
    const [low, high] = [scale.at[0], scale.at.at(-1)];
    const x = value => 24 + (value - low) / (high - low) * (width - 48);
    const bins = Array(width < 500 ? 20 : 40).fill(0);
    for (const v of values) {
      bins[Math.min(bins.length - 1, Math.floor((v - low) / (high - low) * bins.length))]++;
    }
    const most = Math.max(...bins), foot = 250, lanes = [], parts = [], spots = [];
    const step = (width - 48) / bins.length;
    bins.forEach((count, n) => {
      const tall = count / most * 120;
      if (!count) return;
      parts.push(svg("rect", { x: 24 + n * step + 1, y: foot - tall, width: step - 2, height: tall,
        fill: "var(--c-tint)" }, svg("title", {}, show(count, 0))));
    });
    state.units.forEach((unit, n) => {
      if (measure.values[unit] === null) return;
      const at = x(measure.values[unit]);
      let lane = lanes.findIndex(taken => taken.every(other => Math.abs(other - at) > 22));
      if (lane < 0) lane = lanes.push([]) - 1;
      lanes[lane].push(at);
      const y = foot - 135 - 22 * lane;
      parts.push(svg("line", { x1: at, x2: at, y1: y, y2: foot, stroke: colour(n),
        "stroke-width": 2 }));
      spots.push(spot(at, y, n));
    });
    parts.push(svg("line", { x1: 24, x2: width - 24, y1: foot, y2: foot,
      stroke: "var(--c-quiet)" }));
    for (const at of scale.at) {
      parts.push(text(x(at), foot + 20, show(at, scale.decimals),
        { "text-anchor": "middle", class: "soft" }));
    }
    const above = foot - 150 - 22 * Math.max(0, lanes.length - 1);
    const drawing = canvas(width, foot + 28 - above, said, [...parts, ...spots]);
    drawing.setAttribute("viewBox", `0 ${above} ${width} ${foot + 28 - above}`);
    return [html("p", { class: "note" }, `${groups().map(group => state.framework.groups[group]
      || say.all).join(", ")}: ${say.held(show(units.length, 0))}`), drawing, legend(measure)];
  };

  const course = (measure, unit) =>
    [...measure.before.map(then => then[unit]), measure.values[unit]];
  const called = n => state.framework.periods[n] + (state.framework.synthetic[n] ? "*" : "");
  // Of each period how many units of the groups have a figure, and how many of these before too;
  // of groups that still stand, for one that ended may be a part of these.
  const counted = measure => {
    const now = groups().filter(group => grouped(group).some(n => measure.values[n] !== null));
    const lines = (now.length ? now : groups()).flatMap(grouped).map(n => course(measure, n));
    return state.framework.periods.map((_, n) => {
      const having = lines.filter(line => line[n] !== null);
      return [having.length, having.filter(line => n && line[n - 1] !== null).length];
    });
  };
  // The figure that a view tells of a unit: over the periods the last that there is.
  const told = (measure, unit) => {
    const { periods } = state.framework, line = course(measure, unit);
    const last = line.findLastIndex(value => value !== null);
    if (measure.values[unit] !== null) return measure.write(measure.values[unit]);
    return state.view !== "series" || last < 0 ? say.missing
      : `${measure.write(line[last])} (${periods[last]})`;
  };

  const drawSeries = (width, measure, found, said) => {
    const { periods } = state.framework;
    if (periods.length < 2) return [html("p", { class: "note" }, say.single)];
    const lines = state.units.map(unit => course(measure, unit));
    const values = lines.flat().filter(v => v !== null);
    if (!values.length) return [html("p", { class: "note" }, say.missing)];
    const scale = ticks(Math.min(...values), Math.max(...values), 5);
    const [low, high] = [scale.at[0], scale.at.at(-1)];
    const [left, right, top, foot] = [54, 34, 14, 260];
    const x = n => left + n * (width - left - right) / (periods.length - 1);
    const y = value => foot - (value - low) / (high - low) * (foot - top);
    const mark = at => measure.percent ? say.percent(show(at, scale.decimals))
      : show(at, scale.decimals);
    const parts = scale.at.flatMap(at => [
      svg("line", { x1: left, x2: width - right, y1: y(at), y2: y(at), stroke: "var(--c-grid)" }),
      text(left - 8, y(at) + 4, mark(at), { "text-anchor": "end", class: "soft" })]);
    for (const at of measure.breaks) {
      const middle = (x(at - 1) + x(at)) / 2;
      parts.push(svg("line", { x1: middle, x2: middle, y1: top, y2: foot,
        stroke: "var(--c-quiet)", "stroke-dasharray": "2 4" }));
    }
    const counts = counted(measure);
    const every = Math.ceil(64 * periods.length / (width - left - right));
    periods.forEach((period, n) => {
      if ((periods.length - 1 - n) % every === 0) {
        const settings = { class: "soft", "text-anchor": "middle" };
        parts.push(text(x(n), foot + 22, called(n), settings),
          text(x(n), foot + 40, `n = ${show(counts[n][0], 0)}`, settings));
      }
    });
    const ends = [];
    lines.forEach((line, n) => {
      line.forEach((value, at) => {
        if (value === null) return;
        if (at && line[at - 1] !== null && !measure.breaks.includes(at)) {
          parts.push(svg("line", { x1: x(at - 1), y1: y(line[at - 1]), x2: x(at), y2: y(value),
            stroke: colour(n), "stroke-width": 2.5 }));
        }
        parts.push(svg("circle", { cx: x(at), cy: y(value), r: 4, fill: colour(n) },
          svg("title", {}, `${name(state.units[n])}, ${periods[at]}: ${measure.write(value)}`)));
      });
      const last = line.findLastIndex(value => value !== null);
      if (last >= 0) ends.push([x(last) + 16, y(line[last]), n]);
    });
    ends.sort((a, b) => a[1] - b[1]);
    ends.forEach((end, n) => {
      if (n && end[1] - ends[n - 1][1] < 22) end[1] = ends[n - 1][1] + 22;
    });
    const height = Math.max(foot + 50, ...ends.map(end => end[1] + 14));
    return [canvas(width, height, said, [...parts, ...ends.map(end => spot(...end))]),
      legend(measure), html("p", { class: "source" }, say.broken
        + (state.framework.synthetic.includes(true) ? say.made : ""))];
  };

  const legend = measure => html("ul", { class: "legend" }, ...state.units.map((unit, n) =>
    html("li", {}, letter(n), `${name(unit)}: ${told(measure, unit)}`)));

  const drawing = () => {
    const figure = by("drawing"), measure = measured(state.framework, state.measure);
    const found = standing(state.framework, measure);
    const all = state.units.map(unit => {
      const ranked = grouped(state.framework.group[unit]).filter(n => !Number.isNaN(found[n]));
      const place = Number.isNaN(found[unit]) ? ""
        : ` (${say.of(show(found[unit], 0), show(ranked.length, 0))})`;
      return `${name(unit)} ${told(measure, unit)}${place}`;
    }).join("; ");
    const said = `${measure.name}, ${say.drawn[state.view]}`;
    const caption = html("figcaption", {}, html("strong", {}, all || say.none), html("br"),
      html("span", {}, said + (measure.direction < 0 ? `. ${say.lower}` : "")));
    const behind = html("table", { class: "data" });
    const kept = html("details", { class: "behind" }, html("summary", {}, say.behind),
      html("div", { class: "table-wrap", tabindex: "0" }, html("div", {}, behind)));
    const { periods } = state.framework;
    if (state.view === "series") {
      const counts = counted(measure);
      table(behind, [say.period, ...state.units.map(name), say.having, say.both],
        periods.map((_, n) => ({ cells: [called(n),
          ...state.units.map(unit => measure.write(course(measure, unit)[n])),
          show(counts[n][0], 0), n ? show(counts[n][1], 0) : "–"] })));
    } else {
      const units = groups().flatMap(group => grouped(group)
        .filter(n => measure.values[n] !== null).sort(best(measure)));
      table(behind, [say.unit, say.place, measure.name], units.map(n => ({ cells:
        [name(n), show(found[n], 0), measure.write(measure.values[n])] })));
    }
    const how = { ranking: drawRanking, distribution: drawDistribution, series: drawSeries };
    figure.replaceChildren(caption);
    const some = groups().flatMap(grouped).some(n => state.view === "series"
      ? course(measure, n).some(value => value !== null) : measure.values[n] !== null);
    const parts = state.units.length && some
      ? how[state.view](Math.max(280, figure.clientWidth), measure, found, said)
      : [html("p", { class: "note" }, state.units.length ? say.missing : say.none)];
    figure.append(...parts, html("p", { class: "source" }, ...basis()), kept);
  };

  // Own weights

  // The aggregate that the sliders are of: the one that is looked at, else the whole.
  const target = () => {
    const { entries } = state.framework.tree;
    const found = entries.findIndex(entry => entry.scores && entry.id === state.measure);
    return found < 0 || single(state.framework, state.measure) ? entries.length - 1 : found;
  };
  const share = (tree, weights, at) => {
    const parts = children(tree)[tree.entries[at].parent];
    return 100 * weights[at] / parts.reduce((sum, part) => sum + weights[part], 0);
  };
  const slider = (tree, at) => {
    const entry = tree.entries[at], id = `w-${at}`;
    const box = html("input", { type: "range", id, min: 0, max: 100, step: 1 });
    const label = entry.id.startsWith("i.")
      ? measured(state.framework, `v.${entry.id.slice(2)}`).name : entry.name;
    box.addEventListener("input", () => {
      state.weights.set(entry.id, +box.value);
      moved();
      keep();
    });
    return html("div", { class: "slide", "data-at": at },
      html("label", { for: id }, label), box, html("output", { for: id }));
  };
  const sliders = () => {
    const tree = state.framework.tree, at = target(), built = [];
    const nodes = [at, ...within(tree, at)].filter(node => children(tree)[node].length > 1);
    for (const node of nodes) {
      const inside = !built.length ? html("div")
        : html("details", {}, html("summary", {}, say.parts(tree.entries[node].name)));
      inside.append(...children(tree)[node].map(part => slider(tree, part)));
      built.push(inside);
    }
    by("sliders").replaceChildren(...built);
  };
  const cells = (framework, own, unit, mark) => {
    const whole = framework.tree.entries[target()];
    const [before, now] = [whole.ranks[unit] ?? NaN, own.ranks[unit]];
    const change = before - now, sign = change > 0 ? "↑ " : change < 0 ? "↓ " : "";
    const both = (score, rank) => `${show(score, 2)} (${say.ranked(show(rank, 0))})`;
    return [mark, both(whole.scores[unit], before), both(own.scores[unit], now),
      sign + show(Math.abs(change), 0)];
  };
  // What follows the sliders.
  const moved = () => {
    const { framework, units } = state, tree = framework.tree;
    const weights = weighed(tree, state.weights), own = scored(framework, weights, target());
    for (const line of by("sliders").querySelectorAll(".slide")) {
      const at = +line.dataset.at, [box, told] = line.querySelectorAll("input,output");
      const now = share(tree, weights, at), id = tree.entries[at].id;
      const official = share(tree, tree.entries.map(entry => entry.weight), at);
      box.value = state.weights.get(id) ?? Math.round(official);
      told.textContent = say.percent(show(now, 1));
      box.setAttribute("aria-valuetext", told.textContent);
      line.classList.toggle("moved", state.weights.has(id));
    }
    const heads = [say.unit, say.ours, say.yours, say.change];
    table(by("result"), heads, units.map((unit, n) => ({ cells:
      cells(framework, own, unit, html("span", {}, letter(n), ` ${name(unit)}`)) })));
    const all = groups().flatMap(group => grouped(group)
      .sort((a, b) => (own.ranks[a] || Infinity) - (own.ranks[b] || Infinity) || 0));
    table(by("everyone"), heads, all.map(unit => ({ cells:
      cells(framework, own, unit, name(unit)) })));
    document.title = (state.weights.size ? say.unofficial : "") + title;
    by("reset").disabled = !state.weights.size;
    const whole = measured(framework, tree.entries[target()].id).name;
    const some = !all.length || all.some(unit => !Number.isNaN(own.scores[unit]));
    by("target").textContent = `${say.target(whole)} ${some ? "" : say.incomplete}`;
  };
  const pairs = () => {
    const { framework } = state, tree = framework.tree, at = target();
    const { ranks } = tree.entries[at];
    const draws = drawn(tree.entries.length), done = new Map();
    const asked = unit => done.get(unit) ?? done.set(unit, over(tree, unit, draws, at)).get(unit);
    const units = state.units.filter(unit => ranks[unit] !== null)
      .sort((a, b) => ranks[a] - ranks[b]);
    const told = units.flatMap((one, n) => units.slice(n + 1)
      .filter(other => framework.group[one] === framework.group[other]).map(other => {
        const pair = html("strong", {}, say.pair(name(one), name(other)));
        if (always(tree, one, other, at)) {
          const told = always(tree, other, one, at) ? say.equal : say.always;
          return html("li", {}, pair, `: ${told}`);
        }
        const [up, down] = [above(asked(one), asked(other)), above(asked(other), asked(one))];
        return html("li", {}, pair, ": ", say.share(...[up.share, up.low, up.high, down.share]
          .map(p => show(100 * p, 1))));
      }));
    by("pairs").replaceChildren(...told.length
      ? [html("ul", {}, ...told), html("p", { class: "note" }, say.how(show(DRAWS, 0)))]
      : [html("p", { class: "note" }, say.apart)]);
  };

  // The address follows the view, and the view the address

  let waiting;
  const keep = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => history.replaceState(null, "", addressed(state, held)), 200);
  };
  const all = () => {
    choose();
    beside();
    drawing();
    const weighable = state.framework.tree?.normalised.length > 0;
    by("own").hidden = !weighable;
    if (weighable) {
      sliders();
      moved();
      pairs();
    } else document.title = title;
  };
  const change = changes => {
    state = { ...state, ...changes };
    by("wrong").hidden = true;
    all();
    keep();
  };
  const open = () => {
    const found = read(location.hash, held);
    state = found ?? opening(held);
    by("wrong").hidden = found !== null;
    all();
  };
  by("framework").addEventListener("change", event => {
    const framework = held.frameworks.find(one => one.code === event.target.value);
    change({ ...opening(held, framework), units: state.units, view: state.view });
  });
  by("add").addEventListener("click", () => {
    const unit = held.units.findIndex(one => one[0] === by("unit").value);
    if (unit >= 0 && state.units.length < MOST) change({ units: [...state.units, unit] });
  });
  by("measure").addEventListener("change", event => change({ measure: event.target.value }));
  for (const box of document.querySelectorAll("[name=view]")) {
    box.addEventListener("change", () => change({ view: box.value }));
  }
  by("reset").addEventListener("click", () => {
    state.weights.clear();
    moved();
    keep();
  });
  addEventListener("hashchange", () => { if (location.hash.includes("=")) open(); });
  by("explorer").hidden = false;
  open();
  let width = by("drawing").clientWidth;
  new ResizeObserver(() => {
    if (by("drawing").clientWidth === width) return;
    width = by("drawing").clientWidth;
    drawing();
  }).observe(by("drawing"));
}
