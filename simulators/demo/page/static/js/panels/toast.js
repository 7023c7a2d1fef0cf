// A word at the edge of the page, gone after a while.

let timer = 0;

export function toast(words) {
  const box = document.getElementById("toast");
  box.textContent = words;
  clearTimeout(timer);
  timer = setTimeout(() => { box.textContent = ""; }, 8000);
}
