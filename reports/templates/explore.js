// The page on which a reader asks. `held` stands before this script: what is published, no more.
// Without this script the page is a table of the same figures.

// Arithmetic, as scoring.means, scoring.aggregate.combine, scoring.score.places and words.number.

const inner = {
  arithmetic: x => x,
  geometric: x => x === 0 ? -1e9 : Math.log(x),
  harmonic: x => x === 0 ? 1e60 : 1 / x,
};
const outer = { arithmetic: y => y, geometric: Math.exp, harmonic: y => 1 / y };
for (const [kind, p] of Object.entries(
  { power_minus_2: -2, power_half: 0.5, power_2: 2, power_3: 3 })) {
  inner[kind] = x => x === 0 && p < 0 ? 1e60 : x ** p;
  outer[kind] = y => y ** (1 / p);
}

// Weighted mean of parts, NaN where too many are missing or one of them cannot be averaged so.
const mean = (parts, weights, kind, atLeast) => {
  let known = 0, total = 0, reached = 0;
  for (let i = 0; i < parts.length; i++) {
    if (Number.isNaN(parts[i])) continue;
    if (kind !== "arithmetic" && parts[i] < 0) return NaN;
    known++;
    total += weights[i];
    reached += weights[i] * inner[kind](parts[i]);
  }
  const enough = known > 0 && known / parts.length >= atLeast - 1e-12;
  return enough ? outer[kind](reached / total) : NaN;
};

const children = tree => tree.children ??= tree.entries.map((_, node) =>
  tree.entries.flatMap((entry, i) => entry.parent === node ? [i] : []));

// Values of all entries of the tree from those of the indicators.
const combine = (row, tree, weights, kind) => {
  const found = [...row];
  for (let node = row.length; node < tree.entries.length; node++) {
    const parts = children(tree)[node];
    found[node] = mean(parts.map(i => found[i]), parts.map(i => weights[i]),
      kind ?? tree.entries[node].mean, tree.entries[node].atLeast);
  }
  return found;
};

const halfEven = y => {
  const up = Math.round(y);
  return Math.abs(y % 1) === 0.5 && up % 2 ? up - 1 : up;
};
const tidied = (x, decimals) => halfEven(x * 10 ** decimals) / 10 ** decimals;

// Best first, equal ones share the lowest place; NaN has none.
const places = (scores, decimals) => {
  const tidy = scores.map(x => tidied(x, decimals));
  return tidy.map(x => Number.isNaN(x) ? NaN : 1 + tidy.filter(other => other > x).length);
};

// As Python rounds: the exact value counts, of two equally near ones the even.
const rounded = (x, decimals) => {
  const text = Math.abs(x).toFixed(decimals);
  const long = Math.abs(x).toFixed(decimals + 40);
  const cut = long.slice(0, -40).replace(/\.$/, "");
  const tie = /^50*$/.test(long.slice(-40));
  const found = tie && +cut.at(-1) % 2 === 0 ? cut : text;
  return x < 0 && +found !== 0 ? `\u2212${found}` : found;
};
const printed = (x, decimals, lang) => {
  if (Number.isNaN(x)) return "…";
  const [thousands, point] = lang === "en" ? [",", "."] : [".", ","];
  const [whole, part] = rounded(x, decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, thousands);
  return part ? grouped + point + part : grouped;
};

const rowOf = (tree, unit) => tree.normalised.map(values => values[unit] ?? NaN);

// Score of a unit in the entry `at` of the tree: where parts are points that add up, its points.
const scoreOf = (tree, row, weights, at) => {
  const found = combine(row, tree, weights)[at];
  return tree.scale === null ? found : found * tree.entries[at].top / tree.scale;
};

// Own scores and ranks of all units in an entry, by group; as composite.build and score.rank.
const scored = (framework, weights, at) => {
  const tree = framework.tree;
  const rows = framework.group.map((_, unit) => rowOf(tree, unit));
  const scores = rows.map(row => scoreOf(tree, row, weights, at));
  const standing = scores.map((score, unit) => {
    const own = rows[unit].map((x, i) => +(!Number.isNaN(x) && !tree.granted[i].includes(unit)));
    const measured = combine(own, tree, weights, "arithmetic")[at];
    return measured === 0 || tree.unranked.includes(unit) ? NaN : score;
  });
  const ranks = scores.map(() => NaN);
  framework.groups.forEach((_, group) => {
    const units = standing.map((_, unit) => unit).filter(unit => framework.group[unit] === group);
    const found = places(units.map(unit => standing[unit]), tree.decimals);
    units.forEach((unit, n) => { ranks[unit] = found[n]; });
  });
  return { scores, ranks };
};

// Weights drawn evenly over all there are: of the parts of each aggregate uniform on the simplex.
// A fixed seed (mulberry32): a view that is sent says the same to whoever opens it.
const DRAWS = 2000, SEED = 766;
const drawn = (count, number = DRAWS, seed = SEED) => {
  let state = seed;
  const uniform = () => {
    state = state + 0x6D2B79F5 | 0;
    let t = Math.imul(state ^ state >>> 15, 1 | state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32 + 2 ** -33;
  };
  return Array.from({ length: number }, () =>
    Array.from({ length: count }, () => -Math.log(uniform())));
};

// Scores of a unit with each of the weights drawn.
const over = (tree, unit, draws, at) => {
  const row = rowOf(tree, unit);
  return draws.map(weights => tidied(scoreOf(tree, row, weights, at), tree.decimals));
};

// In what share of the draws one unit is above another, with its 95 % interval (Wilson 1927).
const above = (one, other) => {
  const [n, z] = [one.length, 1.959963984540054];
  const p = one.filter((score, i) => score > other[i]).length / n;
  const middle = (p + z * z / (2 * n)) / (1 + z * z / n);
  const half = z / (1 + z * z / n) * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return { share: p, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
};

// The entries that an entry is made of, at any depth.
const within = (tree, at) => children(tree)[at].flatMap(part => [part, ...within(tree, part)]);

// No indicator is lower and none is missing: no weights turn the two round.
const always = (tree, one, other, at) => within(tree, at)
  .filter(part => part < tree.normalised.length).map(part => tree.normalised[part])
  .every(x => x[one] !== null && x[other] !== null && x[one] >= x[other]);

// The view in the address: f framework, u units, i measure, v drawing, w own weights. Whatever is
// not exactly that is refused as a whole; nothing of it is ever shown.
const VIEWS = ["ranking", "distribution", "series"];
const MOST = 8;
const aggregates = framework => (framework.tree?.entries ?? []).filter(entry => entry.scores);
const valuesOf = (framework, id) => aggregates(framework).find(entry => entry.id === id)?.scores
  ?? framework.indicators.find(indicator => `v.${indicator.code}` === id).values;
const measures = framework => [
  ...aggregates(framework).slice(-1).map(entry => entry.id), // the whole
  ...aggregates(framework).slice(0, -1).map(entry => entry.id),
  ...framework.indicators.map(indicator => `v.${indicator.code}`),
];
// An aggregate of one indicator: there is nothing to weigh.
const single = ({ tree }, id) => {
  if (!tree?.normalised.length) return false;
  const at = tree.entries.findIndex(entry => entry.scores && entry.id === id);
  return at >= 0 && [at, ...within(tree, at)].every(node => children(tree)[node].length < 2);
};
// The first measure that tells units of one group apart: the highest and a middle one.
const opening = (known, framework = known.frameworks[0]) => {
  const state = { framework, units: [], measure: measures(framework)[0],
    view: known.view ?? VIEWS[0], weights: new Map() };
  for (const measure of measures(framework).filter(id => !single(framework, id))) {
    const values = valuesOf(framework, measure);
    const groups = framework.groups.map((_, group) => known.units.map((_, unit) => unit)
      .filter(unit => framework.group[unit] === group && values[unit] !== null));
    const most = groups.reduce((one, other) => other.length > one.length ? other : one);
    most.sort((a, b) => values[b] - values[a]);
    const units = [most[0], most[Math.floor(most.length / 2)]];
    if (most.length && values[units[0]] !== values[units[1]]) return { ...state, measure, units };
  }
  return state;
};
const addressed = (state, known) => {
  const fields = new URLSearchParams({
    f: state.framework.code, u: state.units.map(unit => known.units[unit][0]).join(),
    i: state.measure, v: state.view,
  });
  const own = [...state.weights].map(([id, value]) => `${id}:${value}`).join();
  if (own) fields.set("w", own);
  return `#${fields}`;
};
// null: not a view of this page. An anchor or nothing is the view to begin with.
const read = (hash, known) => {
  if (!hash.includes("=")) return opening(known);
  const given = [...new URLSearchParams(hash.slice(1))];
  const fields = Object.fromEntries(given);
  const unique = Object.keys(fields).length === given.length;
  if (!unique || given.some(([key]) => !"fuivw".includes(key) || key.length !== 1)) return null;
  const asked = fields.f ?? known.frameworks[0].code;
  const framework = known.frameworks.find(one => one.code === asked);
  if (!framework) return null;
  const state = opening(known, framework);
  if (fields.u !== undefined) {
    state.units = fields.u.split(",").map(code => known.units.findIndex(unit => unit[0] === code));
    if (fields.u === "") state.units = [];
    const distinct = new Set(state.units).size === state.units.length;
    if (state.units.includes(-1) || !distinct || state.units.length > MOST) return null;
  }
  state.measure = fields.i ?? state.measure;
  state.view = fields.v ?? state.view;
  if (!measures(framework).includes(state.measure) || !VIEWS.includes(state.view)) return null;
  for (const part of fields.w?.split(",") ?? []) {
    const [, id, value] = part.match(/^([^:]+):(\d{1,3})$/) ?? [];
    const weighable = framework.tree?.normalised.length ? framework.tree.entries : [];
    const entry = weighable.find(one => one.id === id && one.parent >= 0);
    if (!entry || +value > 100 || state.weights.has(id)) return null;
    state.weights.set(id, +value);
  }
  return state;
};

// Weights as used: those of the framework, but for the ones that were moved, which are in percent.
const together = (entries, parent) => entries.reduce(
  (sum, entry) => entry.parent === parent ? sum + entry.weight : sum, 0);
const weighed = (tree, moved) => tree.entries.map(entry => moved.has(entry.id)
  ? moved.get(entry.id) / 100 * together(tree.entries, entry.parent) : entry.weight);
