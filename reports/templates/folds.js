// On wide screens and on paper what is folded for a phone is open. Without this script it opens by
// hand.
const open = () => document.querySelectorAll("details.wide").forEach(fold => { fold.open = true; });
if (matchMedia("(min-width: 60rem)").matches) open();
addEventListener("beforeprint", open);
