"use strict";
// The page reads the same without this: it only adds a replay, a tooltip for keyboards, an unpacked log and a key.
(() => {
  const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;

  for (const reply of document.querySelectorAll("[data-replay]")) {
    const pieces = [...reply.querySelectorAll("[data-at]")];
    const button = document.createElement("button");
    button.type = "button";
    button.className = "replay";
    button.textContent = "Replay at recorded speed";
    let timers = [];
    const stop = () => {
      timers.forEach(clearTimeout);
      timers = [];
      pieces.forEach((piece) => piece.classList.remove("pending"));
      button.textContent = "Replay at recorded speed";
    };
    button.addEventListener("click", () => {
      if (timers.length) return stop();
      button.textContent = "Show all of it";
      if (!reduced) pieces.forEach((piece) => piece.classList.add("pending"));
      const last = pieces.length - 1;
      timers = pieces.map((piece, index) =>
        setTimeout(() => (index === last ? stop() : piece.classList.remove("pending")), Number(piece.dataset.at)));
    });
    reply.after(button);
  }

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);
  const show = (event) => {
    const mark = event.target.closest("g[aria-label]");
    if (!mark) return;
    tip.textContent = mark.getAttribute("aria-label");
    tip.hidden = false;
    const box = mark.getBoundingClientRect();
    const left = Math.min(Math.max(box.left + box.width / 2 - tip.offsetWidth / 2, 8), innerWidth - tip.offsetWidth - 8);
    tip.style.left = `${left + scrollX}px`;
    tip.style.top = `${box.top + scrollY - tip.offsetHeight - 8}px`;
  };
  const hide = () => { tip.hidden = true; };
  document.addEventListener("focusin", (event) => (event.target.closest("g[aria-label]") ? show(event) : hide()));
  document.addEventListener("mouseover", (event) => (event.target.closest("g[aria-label]") ? show(event) : hide()));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });

  const link = document.getElementById("save-log");
  if (link && "DecompressionStream" in window) {
    link.addEventListener("click", async (event) => {
      if (link.download === "run-log.json") return;
      event.preventDefault();
      const packed = Uint8Array.from(atob(link.href.slice(link.href.indexOf(",") + 1)), (c) => c.charCodeAt(0));
      const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      const json = await new Response(stream).blob();
      link.href = URL.createObjectURL(new Blob([json], { type: "application/json" }));
      link.download = "run-log.json";
      link.click();
    });
  }

  // The check box does it alone; a key is what a hand finds in front of a class.
  const presenter = document.getElementById("presenter");
  document.addEventListener("keydown", (event) => {
    if (!presenter || event.key !== "p" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    presenter.checked = !presenter.checked;
    scrollTo(0, 0);
  });
})();
