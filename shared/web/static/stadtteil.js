// What HTML and htmx cannot do alone: upload progress, a sentence when the server fails or the network does,
// keeping what was typed while the language changes, a live page anew once nobody types. Every page works without it.
"use strict";

(() => {
  const KEPT = "stadtteil:typed:";

  const typedIn = (form) =>
    [...form.elements].filter((field) => field.name && !["hidden", "file", "password", "submit", "button"].includes(field.type));

  const keepTyped = () => {
    const forms = [...document.querySelectorAll("main form[method=post]")].map((form) =>
      typedIn(form).map((field) =>
        ["checkbox", "radio"].includes(field.type) ? [field.name, field.value, field.checked] : [field.name, field.value]));
    if (forms.flat().length) sessionStorage.setItem(KEPT + location.pathname, JSON.stringify(forms));
  };

  const bringBack = () => {
    const kept = sessionStorage.getItem(KEPT + location.pathname);
    if (!kept) return;
    sessionStorage.removeItem(KEPT + location.pathname);
    const forms = [...document.querySelectorAll("main form[method=post]")];
    JSON.parse(kept).forEach((fields, at) => fields.forEach(([name, value, checked]) => {
      const same = forms[at] ? typedIn(forms[at]).filter((field) => field.name === name) : [];
      if (checked === undefined) { if (same.length) same[0].value = value; return; }
      same.filter((field) => field.value === value).forEach((field) => { field.checked = checked; });
    }));
  };

  // What asks again and again by itself says so once, in its own words, on top of the page.
  const offline = (live) => {
    const said = document.createElement("p");
    said.className = "sb-failed sb-off";
    said.setAttribute("role", "alert");
    live.before(said);
    said.textContent = live.dataset.offline;
  };

  const failed = (near) => {
    const main = document.querySelector("main");
    if (!main || document.querySelector(".sb-failed")) return;
    const live = near && near.closest ? near.closest("[data-offline]") : null;
    if (live) { offline(live); return; }
    const said = document.createElement("p");
    said.className = "sb-failed";
    said.setAttribute("role", "alert");
    const status = near && near.closest ? (near.closest("form") || main) : main;
    status.append(said);
    said.textContent = document.body.dataset.failed;
  };

  const worksAgain = () => document.querySelectorAll(".sb-failed").forEach((said) => said.remove());

  const isTouched = (field) => ["checkbox", "radio"].includes(field.type) ? field.checked !== field.defaultChecked
    : field.options ? field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected))
      : field.value !== field.defaultValue;

  // A live region found that the page around it is out of date: never under somebody's hands.
  const takeNewState = () => {
    if (!document.querySelector("[data-stale]")) return;
    const busy = document.activeElement && document.activeElement.closest("form,details,a,button,[popover]");
    const typed = [...document.querySelectorAll("main form[method=post]")].some((form) => typedIn(form).some(isTouched));
    if (!busy && !typed) location.reload();
  };

  // The form is posted as its submit button would; the page that answers holds the new field.
  const upload = (input) => {
    const form = input.form, field = input.closest("[id$=-field]");
    const shown = field.querySelector(".sb-upload");
    const data = new FormData(form);
    data.set("aktion", input.dataset.upload);
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.setAttribute("aria-label", `${shown.dataset.progress}: ${[...input.files].map((file) => file.name).join(", ")}`);
    const words = document.createElement("p");
    words.setAttribute("role", "status");
    const box = document.createElement("div");
    box.className = "kern-progress";
    box.append(bar);
    shown.replaceChildren(words, box);
    shown.hidden = false;
    words.textContent = `${[...input.files].map((file) => file.name).join(", ")} ${shown.dataset.uploading}`;
    input.disabled = true;

    const giveUp = () => { shown.hidden = true; input.disabled = false; failed(input); };
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.responseType = "document";
    request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = 100 * event.loaded / event.total; };
    request.onerror = giveUp;
    request.onload = () => {
      const answered = request.status < 500 && request.response && request.response.getElementById(field.id);
      if (!answered) { giveUp(); return; }
      worksAgain();
      field.replaceWith(document.adoptNode(answered));
      const again = document.getElementById(input.id);
      if (again) again.focus();
    };
    request.send(data);
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches("input[type=file][data-upload]") && event.target.files.length) upload(event.target);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("a[data-keep]")) keepTyped();
    if (event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("htmx:error", (event) => failed(event.target));
  document.addEventListener("htmx:response:error", (event) => {
    const answer = event.detail.ctx && event.detail.ctx.response;
    if (!answer || answer.status >= 500) failed(event.target);
  });
  document.addEventListener("htmx:after:request", (event) => {
    const answer = event.detail.ctx && event.detail.ctx.response;
    if (answer && answer.status < 500) worksAgain();
  });
  document.addEventListener("htmx:after:swap", () => { worksAgain(); takeNewState(); });
  bringBack();
})();
