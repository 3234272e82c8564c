"use strict";

// On the page of all rules: a field that leaves only the rows in which every word stands.
document.addEventListener("DOMContentLoaded", () => {
  const links = document.querySelectorAll('article td:first-child a[href^="CD"]');
  if (links.length < 50) return;
  const rows = [...links].map((link) => link.closest("tr"));
  const field = document.createElement("input");
  field.id = "rule-filter";
  field.type = "search";
  field.placeholder = "Filter: a code, a name, a level, words";
  field.setAttribute("aria-label", "Filter the rules");
  const count = document.createElement("p");
  count.id = "rule-count";
  count.setAttribute("role", "status");
  const first = document.querySelector("article h2");
  (first.closest("section") || first).before(field, count);
  const show = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    for (const section of document.querySelectorAll("article section section")) {
      const inside = [...section.querySelectorAll("tbody tr")];
      section.hidden = inside.length > 0 && inside.every((row) => row.hidden);
    }
    count.textContent = `${shown} of ${rows.length} rules`;
  };
  field.addEventListener("input", show);
  show();
});
