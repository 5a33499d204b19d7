(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const make = (tag, words = "") => { const e = document.createElement(tag); e.textContent = words; return e; };

  // Theme: auto, light, dark
  const theme = document.getElementById("theme");
  const themes = ["auto", "light", "dark"];
  const stored = (value) => { try { if (value === undefined) return localStorage.getItem("fleetopt-theme"); localStorage.setItem("fleetopt-theme", value); } catch { return null; } };
  const wear = (name) => {
    if (name === "auto") delete root.dataset.theme; else root.dataset.theme = name;
    theme.querySelector("span").textContent = name;
  };
  const kept = stored();
  wear(themes.includes(kept) ? kept : "auto");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const next = themes[(themes.indexOf(root.dataset.theme || "auto") + 1) % themes.length];
    wear(next);
    stored(next);
  });

  // Charts: marks say their value on hover; the arrow keys step through them
  const tip = document.getElementById("tip");
  let current = null;
  for (const title of all(".m > title")) { title.parentNode.dataset.t = title.textContent; title.remove(); }
  const show = (mark, x, y) => {
    if (current) current.classList.remove("on");
    current = mark;
    mark.classList.add("on");
    if (tip.textContent !== mark.dataset.t) tip.textContent = mark.dataset.t;
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    tip.style.left = Math.max(6, Math.min(x + 14, innerWidth - box.width - 6)) + "px";
    tip.style.top = (y + 18 + box.height > innerHeight ? y - box.height - 10 : y + 18) + "px";
  };
  const hide = () => { if (current) current.classList.remove("on"); current = null; tip.hidden = true; tip.textContent = ""; };
  for (const plot of all(".plot")) {
    const marks = all(".m", plot);
    plot.addEventListener("pointermove", (e) => { const mark = e.target.closest(".m"); if (mark) show(mark, e.clientX, e.clientY); else hide(); });
    plot.addEventListener("pointerleave", hide);
    plot.addEventListener("blur", hide);
    plot.addEventListener("keydown", (e) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
      if (e.key === "Escape") return hide();
      if (!step && e.key !== "Home" && e.key !== "End" || !marks.length) return;
      e.preventDefault();
      const at = marks.indexOf(current);
      const next = e.key === "Home" ? 0 : e.key === "End" ? marks.length - 1 : at < 0 ? (step > 0 ? 0 : marks.length - 1) : (at + step + marks.length) % marks.length;
      const box = marks[next].getBoundingClientRect();
      show(marks[next], box.x + box.width / 2, box.y + box.height / 2);
    });
  }

  // Tables: sort, filter, and no more rows at once than one can read
  const PAGE = 100;
  const collator = new Intl.Collator("en", { numeric: true });
  const plain = (n) => n.toLocaleString("en-US");
  const money = (n, digits) => (n < 0 ? "−" : "") + "$" + Math.abs(n).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const printers = [];
  const tabulate = (block) => {
    const table = block.querySelector("table"), body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
    const rows = [...body.rows].map((row, place) => ({ row, place, words: null, cells: row.cells }));
    if (rows.length < 2) return;
    const key = (r, n) => r.cells[n].dataset.v ?? r.cells[n].textContent;
    const value = (r, n) => parseFloat(r.cells[n].dataset.v ?? r.cells[n].textContent.replaceAll(",", ""));
    let order = rows, whole = false, sums = [];
    const tools = block.querySelector(".tools"), count = make("output"), more = make("button"), selects = [];
    more.type = "button";
    let search = null;
    const draw = () => {
      const wanted = search ? search.value.toLowerCase().split(/\s+/).filter(Boolean) : [];
      const found = order.filter((r) => {
        if (wanted.length) { r.words ??= r.row.textContent.toLowerCase(); if (!wanted.every((w) => r.words.includes(w))) return false; }
        return selects.every(([n, select]) => !select.value || r.cells[n].textContent === select.value);
      });
      const shown = whole ? found : found.slice(0, PAGE);
      body.replaceChildren(...shown.map((r) => r.row));
      const said = found.length === rows.length ? `${plain(rows.length)} rows` : `${plain(found.length)} of ${plain(rows.length)} rows`;
      count.textContent = shown.length < found.length ? `${said}, the first ${plain(shown.length)} shown` : said;
      more.hidden = shown.length === found.length;
      more.textContent = `Show all ${plain(found.length)}`;
      for (const [cell, n, before] of sums) {
        const sum = found.reduce((a, r) => a + (value(r, n) || 0), 0);
        cell.textContent = found.length === rows.length ? before : before.includes("$") ? money(sum, before.includes(".") ? 2 : 0) : plain(Math.round(sum * 100) / 100);
      }
    };
    if (table.tFoot) sums = [...table.tFoot.rows[0].cells].map((cell, n) => [cell, n, cell.textContent]).filter(([cell]) => cell.hasAttribute("data-sum"));
    if (rows.length > 12) {
      const label = make("label", "Filter rows");
      search = make("input");
      search.type = "search";
      label.append(search);
      tools.append(label);
      search.addEventListener("input", draw);
      for (const [n, head] of heads.entries()) {
        if (head.dataset.few === undefined || selects.length > 3) continue;
        const label = make("label", head.textContent), select = make("select");
        const values = [...new Set(rows.map((r) => r.cells[n].textContent))].sort(collator.compare);
        select.append(new Option("all", ""), ...values.map((v) => new Option(v, v)));
        label.append(select);
        tools.append(label);
        selects.push([n, select]);
        select.addEventListener("change", draw);
      }
      tools.append(count, more);
      tools.hidden = false;
    }
    count.setAttribute("aria-live", "polite");
    more.addEventListener("click", () => { whole = true; draw(); });
    heads.forEach((head, n) => {
      const button = make("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const numeric = head.classList.contains("n");
        const was = head.getAttribute("aria-sort");
        const down = was === "ascending" || (was === null && numeric);
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const sign = down ? -1 : 1;
        const keyed = rows.map((r) => [r, numeric ? value(r, n) : key(r, n)]);
        keyed.sort(([a, x], [b, y]) => {
          if (numeric && (isNaN(x) || isNaN(y))) return isNaN(x) - isNaN(y) || a.place - b.place;
          return sign * (numeric ? x - y : collator.compare(x, y)) || a.place - b.place;
        });
        order = keyed.map(([r]) => r);
        draw();
      });
    });
    draw();
    printers.push((on) => { if (block.closest("details:not([open])")) return; const was = whole; whole = on || was; draw(); whole = was; });
  };
  for (const block of all("[data-table]")) {
    const fold = block.closest("details:not([open])");
    if (fold) fold.addEventListener("toggle", () => tabulate(block), { once: true }); else tabulate(block);
  }
  addEventListener("beforeprint", () => printers.forEach((print) => print(true)));
  addEventListener("afterprint", () => printers.forEach((print) => print(false)));

  // Where one is
  const links = new Map(all("nav a").map((a) => [a.hash.slice(1), a]));
  const watch = new IntersectionObserver((entries) => {
    for (const e of entries) if (e.isIntersecting) {
      for (const a of links.values()) a.removeAttribute("aria-current");
      links.get(e.target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-20% 0px -70%" });
  for (const id of links.keys()) { const part = document.getElementById(id); if (part) watch.observe(part); }
  const openTarget = () => { const fold = location.hash.length > 1 && document.getElementById(location.hash.slice(1)); if (fold && fold.tagName === "DETAILS") fold.open = true; };
  addEventListener("hashchange", openTarget);
  openTarget();
  root.dataset.ready = "yes";
})();
