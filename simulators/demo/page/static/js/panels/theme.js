// Light or dark: as the system has it, until someone chooses.

const button = document.getElementById("theme");
const KEY = "aicost-theme";

export function startTheme() {
  let saved = null;
  try { saved = localStorage.getItem(KEY); } catch { /* a browser without storage follows the system */ }
  set(saved ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  button.addEventListener("click", () => {
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    set(next);
    try { localStorage.setItem(KEY, next); } catch { /* chosen for this page alone */ }
  });
}

function set(theme) {
  document.documentElement.dataset.theme = theme;
  button.textContent = theme === "dark" ? "Light" : "Dark";
  button.setAttribute("aria-label", theme === "dark" ? "Light colors" : "Dark colors");
}
