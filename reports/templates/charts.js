// Charts of a page: point at a mark, tap it or walk the marks with the arrow keys: it says its
// name and value; marks and rows of one name are lit together, all over the page. Without this
// script the page is complete: each mark has its title, each chart the table behind it.
{
  const WORDS = {
    vi: { find: "Tìm trong hình", hint: "không cần gõ dấu", found: n => `${n} mục` },
    en: { find: "Find in the chart", hint: "accents not needed", found: n => `${n} found` },
  };
  const words = WORDS[document.documentElement.lang] ?? WORDS.vi;
  const REACH = [[0, 0], [0, -7], [0, 7], [-7, 0], [7, 0], [-7, -7], [7, -7], [-7, 7], [7, 7]];
  const SEARCHED = 20; // names in a chart from which on it gets a search box

  const folded = text => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "")
    .replace(/[đĐ]/g, "d").toLowerCase().replace(/[^0-9a-z]+/g, " ").trim();

  const places = new Map(); // name → marks and rows
  const names = new WeakMap(); // mark or row → name
  const told = new WeakMap(); // mark → what it says
  const place = (name, element) => {
    names.set(element, name);
    places.set(name, [...places.get(name) ?? [], element]);
  };

  let pinned = [], lit = [];
  const light = chosen => {
    for (const element of lit) element.classList.remove("lit");
    for (const drawing of document.querySelectorAll("svg.dim")) drawing.classList.remove("dim");
    lit = chosen.flatMap(name => places.get(name) ?? []);
    for (const element of lit) {
      element.classList.add("lit");
      element.closest("svg")?.classList.add("dim");
    }
  };
  const pin = chosen => light(pinned = chosen);

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  const hide = () => { tip.hidden = true; light(pinned); };
  const show = mark => {
    const figure = mark.closest("figure");
    if (tip.parentElement !== figure) figure.append(tip);
    tip.textContent = told.get(mark);
    tip.hidden = false;
    const [frame, at] = [figure.getBoundingClientRect(), mark.getBoundingClientRect()];
    const middle = (Math.max(at.left, frame.left) + Math.min(at.right, frame.right)) / 2;
    const left = Math.min(middle - tip.offsetWidth / 2, frame.right - tip.offsetWidth) - frame.left;
    tip.style.left = `${Math.max(0, left)}px`;
    tip.style.top = `${at.top - frame.top - tip.offsetHeight - 8}px`;
    light([names.get(mark)]);
  };

  // The mark at a point, or one that a finger would still reach: targets are 24 pixels at least.
  const under = (drawing, x, y) => {
    for (const [right, down] of REACH) {
      const hit = document.elementsFromPoint(x + right, y + down)
        .find(element => drawing.contains(element) && element.closest(".mark"));
      if (hit) return hit.closest(".mark");
    }
    return null;
  };

  const search = (drawing, own) => {
    const box = Object.assign(document.createElement("input"), {
      type: "search", className: "search", autocomplete: "off", placeholder: words.hint,
    });
    const count = document.createElement("span");
    count.setAttribute("aria-live", "polite");
    box.addEventListener("input", () => {
      const query = folded(box.value);
      const found = query ? own.filter(name => ` ${folded(name)}`.includes(` ${query}`)) : [];
      count.textContent = query ? words.found(found.length) : "";
      pin(found);
    });
    const label = document.createElement("label");
    label.append(`${words.find} `, box);
    const line = document.createElement("div");
    line.className = "find";
    line.append(label, count);
    drawing.before(line);
  };

  const ready = drawing => {
    const marks = [...drawing.querySelectorAll(".mark")];
    if (!marks.length) return;
    // the drawing for telephones says what the wide one before it does
    const twins = drawing.previousElementSibling?.querySelectorAll(".mark") ?? [];
    marks.forEach((mark, i) => {
      const title = mark.querySelector(":scope > title");
      told.set(mark, title?.textContent ?? told.get(twins[i]));
      place(told.get(mark).split("\n")[0], mark);
      title?.remove(); // or the browser would tell it a second time
    });
    const point = event => {
      const mark = under(drawing, event.clientX, event.clientY);
      if (mark) show(mark); else hide();
      return mark;
    };
    drawing.addEventListener("pointermove", point);
    drawing.addEventListener("pointerleave", event => {
      if (event.pointerType === "mouse") hide();
    });
    drawing.addEventListener("click", event => {
      const name = names.get(point(event));
      pin(name === undefined || pinned.includes(name) ? [] : [name]);
    });
    drawing.setAttribute("tabindex", "0");
    let at = -1;
    drawing.addEventListener("keydown", event => {
      const steps = {
        ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1,
        Home: 0, End: marks.length - 1,
      };
      if (event.key in steps) {
        at = (steps[event.key] + marks.length) % marks.length;
        show(marks[at]);
      } else if (event.key === "Enter" && at >= 0) {
        pin([names.get(marks[at])]);
      } else if (event.key === "Escape") {
        at = -1;
        pin([]);
        hide();
      } else return;
      event.preventDefault();
    });
    drawing.addEventListener("blur", hide);
    const own = [...new Set(marks.map(mark => names.get(mark)))];
    if (own.length >= SEARCHED && !drawing.matches(".narrow")) search(drawing, own);
  };

  document.querySelectorAll("figure.chart > svg").forEach(ready);
  document.querySelectorAll("table.data > tbody > tr").forEach(row => {
    const name = [...row.cells].slice(0, 3).map(cell => cell.textContent.trim())
      .find(text => places.has(text));
    if (name === undefined) return;
    place(name, row);
    const on = (kinds, react) => kinds.forEach(kind => row.addEventListener(kind, react));
    on(["pointerenter", "focusin"], () => light([name]));
    on(["pointerleave", "focusout"], () => light(pinned));
  });
}
