"use strict";

// The pairs of this sitting, the one shown, and the decisions made, newest last.
const state = { pairs: [], at: 0, decided: new Map(), made: [], busy: false };
const find = (id) => document.getElementById(id);

async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": crypto.randomUUID() },
    body: JSON.stringify(body),
  };
  const answer = await fetch(path, options);
  const found = await answer.json().catch(() => ({ message: "Das Programm antwortet nicht verständlich." }));
  if (!answer.ok) throw new Error(found.message);
  return found;
}

function show(element, texts, none) {
  element.replaceChildren(...(texts.length ? texts : [none]).map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  }));
}

function addCell(row, kind, text, name) {
  const cell = document.createElement(kind);
  if (kind === "th") cell.scope = "row";
  cell.textContent = text;
  if (name) cell.className = name;
  row.append(cell);
}

function addRow(label, a, b, sign) {
  const row = document.createElement("tr");
  row.className = { "=": "equal", "≠": "different" }[sign] || "";
  addCell(row, "th", label);
  addCell(row, "td", a || "nicht bekannt", a ? "" : "missing");
  addCell(row, "td", sign || "", "sign");
  addCell(row, "td", b || "nicht bekannt", b ? "" : "missing");
  find("values").append(row);
}

function showProgress() {
  const done = state.decided.size, all = state.pairs.length;
  find("progress").textContent = `${done} von ${all} entschieden`;
  find("bar").max = all || 1;
  find("bar").value = done;
  find("undo").disabled = state.made.length === 0;
}

async function showPair() {
  const pair = state.pairs[state.at];
  const isOpen = state.decided.size < state.pairs.length;
  const found = isOpen
    ? await ask(`/pair?a=${encodeURIComponent(pair.a)}&b=${encodeURIComponent(pair.b)}`)
    : null;
  showProgress();
  find("done").hidden = isOpen;
  find("pair").hidden = !isOpen;
  if (isOpen) showSides(pair, found);
}

function showSides(pair, found) {
  find("pair-title").textContent = `Paar ${state.at + 1} von ${state.pairs.length}`;
  for (const side of ["a", "b"]) {
    const { record, carrier } = found[side];
    find(`head-${side}`).textContent = carrier ? `${record} (${carrier})` : record;
  }
  find("values").replaceChildren();
  for (const value of found.values) addRow(value.label, value.a, value.b, value.sign);
  addRow("Haushalt", found.a.household.join("; "), found.b.household.join("; "), "");
  if (found.a.others.length || found.b.others.length) {
    addRow("Gehört schon zu", found.a.others.join("; ") || "–", found.b.others.join("; ") || "–", "");
  }
  if (found.a.candidates.length || found.b.candidates.length) {
    addRow("Weitere Vorschläge", found.a.candidates.join("; ") || "–", found.b.candidates.join("; ") || "–", "");
  }
  show(find("because"), pair.because, "nichts weiter");
  show(find("against"), pair.against, "nichts");
  show(find("impact"), pair.impact, "nichts");
  find("main").focus({ preventScroll: true });
  scrollTo(0, 0);
}

function move(step) {
  const all = state.pairs.length;
  for (let tried = 1; tried <= all; tried += 1) {
    const next = (state.at + step * tried + all * tried) % all;
    if (!state.decided.has(next)) { state.at = next; break; }
  }
  return showPair();
}

// Keys pressed while an answer is under way are not meant for the next pair.
async function act(what) {
  if (state.busy) return;
  state.busy = true;
  find("message").hidden = true;
  try {
    await what();
  } catch (error) {
    find("message").textContent = error.message || "Das Programm ist nicht mehr zu erreichen.";
    find("message").hidden = false;
  } finally {
    state.busy = false;
  }
}

async function decide(verdict) {
  const pair = state.pairs[state.at], reason = find("reason").value.trim();
  if (!reason) {
    find("reason").focus();
    throw new Error("Bitte eine Begründung angeben.");
  }
  const made = await ask("/decide", { a: pair.a, b: pair.b, verdict, reason });
  state.decided.set(state.at, verdict);
  state.made.push({ at: state.at, number: made.number });
  await move(1);
}

async function undo() {
  const last = state.made.at(-1);
  if (!last) return;
  await ask("/undo", { number: last.number });
  state.made.pop();
  state.decided.delete(last.at);
  state.at = last.at;
  await showPair();
}

const KEYS = {
  1: () => decide("same"), 2: () => decide("different"), 3: () => decide("unsure"),
  ArrowRight: () => move(1), ArrowLeft: () => move(-1), z: undo, Z: undo,
};

document.addEventListener("keydown", (event) => {
  const writes = event.target.id === "reason";
  if (event.key === "Escape" && writes) { find("main").focus(); return; }
  if (writes || event.ctrlKey || event.altKey || event.metaKey || !(event.key in KEYS)) return;
  if (find("pair").hidden && !["z", "Z"].includes(event.key)) return;
  event.preventDefault();
  act(KEYS[event.key]);
});
for (const button of document.querySelectorAll("[data-verdict]")) {
  button.addEventListener("click", () => act(() => decide(button.dataset.verdict)));
}
find("later").addEventListener("click", () => act(() => move(1)));
find("back").addEventListener("click", () => act(() => move(-1)));
find("undo").addEventListener("click", () => act(undo));
act(async () => {
  state.pairs = (await ask("/pairs")).pairs;
  await showPair();
});
