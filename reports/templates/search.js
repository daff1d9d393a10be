// Search over the pages listed in `sites`, which stands before this script. Accents need not be
// typed. Without this script the page is complete: it lists all that can be found.

const WORDS = {
  vi: { some: (n, all) => `${n} trong ${all} kết quả`, all: n => `${n} kết quả`,
    none: "Không tìm thấy" },
  en: { some: (n, all) => `${n} of ${all} results`, all: n => `${n} results`,
    none: "Nothing found" },
};
const MOST = 30;

// As words.fold: no accents, nothing invisible, small letters.
const DROPPED = /[\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]/g;
const plain = text => text.normalize("NFKD").replace(DROPPED, "").replace(/[đĐ]/g, "d")
  .toLowerCase().replace(/[^0-9a-z]+/g, " ").trim();

// Its names ("|" stands between them), and all that is said of it; a space around each word.
const entry = (href, title, said, more, rank) => {
  const names = [title, ...more.split("|")].map(name => ` ${plain(name)} `);
  return { href, title, said, rank, names, all: `${names.join("")} ${plain(said)} ` };
};
const listed = sites.flatMap(site => site.pages.flatMap(([href, title, said, more, sections]) => [
  { ...entry(href && site.folder + href, title, [site.title, said].filter(Boolean).join(" · "),
    more, 0), said: site.title || said },
  ...sections.map(([anchor, heading]) => entry(
    `${site.folder}${href}#${encodeURIComponent(anchor)}`, heading,
    [title, site.title].filter(Boolean).join(" · "), "", 1)),
]));

// How well an entry answers, 0 best: it is called so; a name begins with the words as they follow
// one another, holds them so; all words are somewhere; or beginnings of words are.
const [CALLED, FOLLOWING, WORDWISE, BEGUN] = [0, 4, 5, 6];
const place = ({ names, all }, query) => {
  const words = query.split(" "), holds = (texts, part) => texts.some(t => t.includes(part));
  if (names.includes(` ${query} `)) return CALLED;
  if (names.some(name => name.startsWith(` ${query} `))) return 1;
  if (holds(names, ` ${query} `)) return 2;
  if (names[0].startsWith(` ${query}`)) return 3;
  if (holds(names, ` ${query}`) || all.includes(` ${query} `)) return FOLLOWING;
  if (words.every(word => all.includes(` ${word} `))) return WORDWISE;
  return words.every(word => all.includes(` ${word}`)) ? BEGUN : Infinity;
};

// Where something is called just so, words that are strewn over a text are not meant; where whole
// words are found, beginnings are not.
const search = text => {
  const query = plain(text), found = [];
  for (const one of query ? listed : []) found.push([place(one, query), one]);
  const best = Math.min(...found.map(pair => pair[0]));
  const last = best === CALLED ? FOLLOWING : best < BEGUN ? WORDWISE : BEGUN;
  const own = one => query.split(" ").filter(word => one.names[0].includes(` ${word}`)).length;
  const order = ([a, one], [b, two]) => a - b || one.rank - two.rank || own(two) - own(one);
  return found.filter(pair => pair[0] <= last).sort(order).map(pair => pair[1]);
};

if (typeof document !== "undefined") {
  const say = WORDS[document.documentElement.lang] ?? WORDS.vi;
  const [box, list, count] = ["q", "found", "count"].map(id => document.getElementById(id));
  const make = (tag, text, settings) =>
    Object.assign(document.createElement(tag), { textContent: text }, settings);
  const row = ({ href, title, said }) => {
    const item = make("li", "");
    const name = href ? make("a", title, { href }) : make("span", title);
    item.append(name, " ", make("span", said, { className: "detail" }));
    return item;
  };
  const told = found => {
    if (!plain(box.value)) return "";
    if (!found.length) return say.none;
    return found.length > MOST ? say.some(MOST, found.length) : say.all(found.length);
  };
  const show = () => {
    const found = search(box.value);
    list.replaceChildren(...found.slice(0, MOST).map(row));
    count.textContent = told(found);
  };
  // What was asked stays with this step of the history: whoever comes back finds it.
  box.addEventListener("input", () => {
    show();
    history.replaceState({ ...history.state, asked: box.value }, "");
  });
  // Arrows go from the box through the results and back; Enter in the box opens the first.
  box.closest("search").addEventListener("keydown", event => {
    const stops = [box, ...list.querySelectorAll("a")], at = stops.indexOf(event.target);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (at < 0 || event.isComposing) return;
    if (step && stops[at + step]) stops[at + step].focus();
    else if (event.key === "Enter" && at === 0 && stops[1]) stops[1].click();
    else if (!step) return;
    event.preventDefault();
  });
  box.closest("search").hidden = false;
  box.value = history.state?.asked ?? "";
  show();
}
