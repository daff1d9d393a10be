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

// Pages first, then their sections, which are also found by the title of their page.
const listed = sites.flatMap(site => site.pages.flatMap(([href, title, said, more, sections]) => [
  { href: href && site.folder + href, title, said: site.title || said, rank: 0,
    name: plain(title), folded: plain(`${title} ${site.title} ${said} ${more}`) },
  ...sections.map(([anchor, heading]) => ({
    href: `${site.folder}${href}#${encodeURIComponent(anchor)}`, title: heading, rank: 2,
    said: [title, site.title].filter(Boolean).join(" · "),
    name: plain(heading), folded: plain(`${heading} ${title} ${site.title}`) })),
]));

// Entries that hold all words, those whose own name holds them first.
const search = query => {
  const words = plain(query).split(" ").filter(Boolean);
  const holds = text => words.every(word => text.includes(word));
  const named = name => name.startsWith(words[0]) ? -4 : -3;
  const place = entry => entry.rank + (holds(entry.name) ? named(entry.name) : 0);
  const found = words.length ? listed.filter(entry => holds(entry.folded)) : [];
  return found.map(entry => [place(entry), entry]).sort((a, b) => a[0] - b[0]).map(pair => pair[1]);
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
  box.addEventListener("input", () => {
    const found = search(box.value);
    list.replaceChildren(...found.slice(0, MOST).map(row));
    count.textContent = told(found);
  });
  box.closest("search").hidden = false;
}
