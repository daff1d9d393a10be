// Tables of a page: sort, filter, download. Without this script the page is complete.
// It reads the text of the cells: a page stays lighter than with every value written twice.

const WORDS = {
  vi: {
    sort: "Sắp xếp theo cột này", filter: "Lọc bảng ", hint: "không cần gõ dấu",
    file: "bang",
    left: (some, all) => `${some} trong ${all} dòng`,
    all: n => `Xem tất cả ${n} dòng`, less: "Thu gọn",
    save: "Tải bảng (CSV)", saveLeft: "Tải các dòng đang hiện (CSV)",
    number: /[-−+]?(?:\d{1,3}(?:\.\d{3})+(?!\d)|\d+)(?:,\d+)?/, thousands: ".", between: ";",
  },
  en: {
    sort: "Sort by this column", filter: "Filter the table ", hint: "accents not needed",
    file: "table",
    left: (some, all) => `${some} of ${all} rows`,
    all: n => `Show all ${n} rows`, less: "Show fewer",
    save: "Download table (CSV)", saveLeft: "Download the rows shown (CSV)",
    number: /[-−+]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?/, thousands: ",", between: ",",
  },
};
const language = typeof document === "undefined" ? "vi" : document.documentElement.lang;
const words = WORDS[language] ?? WORDS.vi;

// As words.fold: no accents, nothing invisible, small letters.
const DROPPED = /[\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]/g;
const plain = text => text.normalize("NFKD").replace(DROPPED, "").replace(/[đĐ]/g, "d")
  .toLowerCase().replace(/[^0-9a-z]+/g, " ").trim();

const letters = new Intl.Collator(language, { numeric: true });
const missing = text => text === "" || text.startsWith("…");

// The first number of a text, as its readers write it: "1.234,5", "12/34 (10–15)", "45,2 %".
// What holds no number is as good as missing.
const figure = text => {
  const found = missing(text) ? null : text.match(words.number);
  return found && +found[0].replaceAll(words.thousands, "").replace(",", ".").replace("−", "-");
};

// The year of a date counts first: "31/12/2022", "31 Dec 2022".
const DATE = /\b(\d{1,2})[/ ](\d{1,2}|[A-Z][a-z]{2})[/ ](\d{4})\b/;
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
const month = name => MONTHS.indexOf(name) < 0 ? name : MONTHS.indexOf(name) / 3 + 1;
const written = text => missing(text) ? null
  : text.replace(DATE, (_, day, name, year) => `${year}/${month(name)}/${day}`);

// Numbers of the rows in order of their texts; equal ones as they stood, missing ones last.
const order = (texts, numeric, down) => {
  const keys = texts.map(numeric ? figure : written);
  const compare = numeric ? (a, b) => a - b : letters.compare;
  return [...texts.keys()].sort((i, j) => {
    const [a, b] = [keys[i], keys[j]];
    if (a === null || b === null) return (a === null) - (b === null);
    return down ? compare(b, a) : compare(a, b);
  });
};

const matches = (folded, query) => plain(query).split(" ").every(word => folded.includes(word));

// As neutral.safe_field: no formula by whichever sign the file is divided.
const field = text => {
  const shown = text.replace(/(?![ \n\t])[\p{C}\p{Z}]/gu, "").slice(0, 32000);
  return shown.replace(/([,;\t\n])(?='*[\s"]*[=+\-@\t\n＝＋－＠])/g, "$1'")
    .replace(/^(?='*[\s"]*[=+\-@\t\n＝＋－＠])/, "'");
};

// Figures stay as shown, with the sign that programs read. With a decimal comma a spreadsheet
// expects semicolons between cells. The mark at the beginning says UTF-8.
const csv = rows => "\ufeff" + rows.map(row => row.map(cell => {
  const text = cell.match(words.number)?.[0] === cell ? cell.replace("−", "-") : field(cell);
  return /["\n]/.test(text) || text.includes(words.between)
    ? `"${text.replace(/"/g, '""')}"` : text;
}).join(words.between) + "\r\n").join("");

const make = (tag, settings, ...inside) => {
  const element = Object.assign(document.createElement(tag), settings);
  element.append(...inside);
  return element;
};
const texts = row => [...row.cells].map(cell => cell.textContent.trim());

// Heads become buttons: ascending, descending, as it was.
const sortable = (table, rows) => {
  const heads = [...table.tHead.rows[0].cells];
  const next = { none: "ascending", ascending: "descending", descending: "none" };
  heads.forEach((head, column) => {
    const button = make("button", { type: "button", title: words.sort });
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const way = next[head.getAttribute("aria-sort")];
      for (const other of heads) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", way);
      const down = way === "descending";
      const shown = rows.map(row => texts(row)[column]);
      const sorted = order(shown, head.classList.contains("num"), down);
      table.tBodies[0].append(...(way === "none" ? rows : sorted.map(i => rows[i])));
    });
  });
};

// A search box over a long table, and how many rows it leaves.
const filter = (rows, changed) => {
  const box = make("input", { type: "search", className: "search", autocomplete: "off" });
  box.placeholder = words.hint;
  const count = make("span", { className: "count" });
  count.setAttribute("aria-live", "polite");
  let folded;
  box.addEventListener("input", () => {
    folded ??= rows.map(row => plain(texts(row).join(" ")));
    rows.forEach((row, i) => { row.hidden = !matches(folded[i], box.value); });
    const shown = rows.filter(row => !row.hidden).length;
    const [some, all] = [shown, rows.length].map(n => n.toLocaleString(language));
    count.textContent = plain(box.value) ? words.left(some, all) : "";
    changed(shown < rows.length);
  });
  return [make("label", {}, words.filter, box), count];
};

// A long table begins folded; after how many rows, on which screen, the style sheet says.
const foldable = (frame, rows) => {
  const button = make("button", { type: "button", className: "more" });
  const show = whole => {
    frame.classList.toggle("whole", whole);
    button.setAttribute("aria-expanded", whole);
    button.textContent = whole ? words.less : words.all(rows.length.toLocaleString(language));
  };
  button.addEventListener("click", () => {
    show(!frame.classList.contains("whole"));
    button.scrollIntoView({ block: "nearest" });
  });
  frame.classList.add("short");
  frame.classList.toggle("long", rows.length > 40);
  frame.after(button);
  show(false);
};

// A table whose rows are laid out as cards stays a table to those who listen.
const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row",
  TH: "columnheader", TD: "cell" };
const named = table => {
  for (const part of [table, ...table.querySelectorAll("thead,tbody,tr,th,td")])
    part.setAttribute("role", ROLES[part.tagName]);
};

// What is shown, in the order in which it stands.
const download = (table, file) => {
  const rows = [...table.rows].filter(row => !row.hidden).map(texts);
  const url = URL.createObjectURL(new Blob([csv(rows)], { type: "text/csv" }));
  make("a", { href: url, download: file }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000); // a large file is still being written
};

if (typeof document !== "undefined") {
  document.querySelectorAll(".table-wrap > table.data").forEach((table, n) => {
    const [frame, rows] = [table.parentElement, [...table.tBodies[0].rows]];
    const save = make("button", { type: "button", className: "save" }, words.save);
    const title = plain(document.title).replaceAll(" ", "-").slice(0, 60);
    save.addEventListener("click", () => download(table, `${title}-${words.file}-${n + 1}.csv`));
    const tools = make("div", { className: "tools" });
    if (rows.length > 12) tools.append(...filter(rows, some => {
      save.textContent = some ? words.saveLeft : words.save;
      frame.classList.toggle("asked", some);
    }));
    tools.append(save);
    frame.before(tools);
    if (rows.length > 15) foldable(frame, rows);
    if (frame.style.length) named(table);
    if (rows.length > 1) sortable(table, rows);
  });
}
