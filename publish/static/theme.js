// Before the page is painted: the theme that its reader chose, or else that of their system; contents folded on a phone.
const chosen = () => {
  try { return localStorage.getItem("theme"); } catch { return null; } // a browser may keep nothing for a page
};
const system = matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;
const wear = () => (root.dataset.theme = chosen() ?? (system.matches ? "dark" : "light"));
wear();
system.addEventListener("change", wear);
addEventListener("DOMContentLoaded", () => {
  // On a phone the page itself comes first.
  if (!matchMedia("(min-width: 64rem)").matches) document.querySelector(".contents details")?.removeAttribute("open");
  const button = document.getElementById("theme");
  const name = () => (button.textContent = root.dataset.theme === "dark" ? "Light" : "Dark");
  name();
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* as above */ }
    name();
  });
});
