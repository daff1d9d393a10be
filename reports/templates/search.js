const plain = s => s.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase().replace(/[^0-9a-z]+/g, " ").trim();
const box = document.getElementById("q");
const rows = [...document.querySelectorAll(".units li")];
if (box) box.addEventListener("input", () => {
  const words = plain(box.value).split(" ").filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    row.hidden = !words.every(w => row.dataset.name.includes(w));
    shown += !row.hidden;
  }
  for (const group of document.querySelectorAll(".group")) group.hidden = !group.querySelector("li:not([hidden])");
  document.getElementById("count").textContent = words.length ? shown + " đơn vị" : "";
});
