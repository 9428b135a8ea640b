"use strict";

// The pairs of this sitting, the one shown and which versions of it, those that wait no more, and the
// decisions made, newest last. A decision may settle other pairs, too.
const state = { pairs: [], at: 0, shown: "", done: new Set(), made: [], busy: false };
const VERDICTS = { same: "ein Mensch", different: "zwei Menschen", unsure: "nicht zu entscheiden" };
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
  row.className = { "=": "equal", "≈": "alike", "≠": "different" }[sign] || "";
  addCell(row, "th", label);
  addCell(row, "td", a || "nicht bekannt", a ? "" : "missing");
  addCell(row, "td", sign || "", "sign");
  if (sign === "≈") row.cells[2].title = "nur anders geschrieben";
  addCell(row, "td", b || "nicht bekannt", b ? "" : "missing");
  find("values").append(row);
}

// A pair of which neither side says anything needs no line of its own.
function showValues(values) {
  find("values").replaceChildren();
  const unknown = values.filter((value) => !value.a && !value.b).map((value) => value.label);
  for (const { label, a, b, sign } of values) if (a || b) addRow(label, a, b, sign);
  find("unknown").textContent = unknown.length ? `Auf beiden Seiten nicht bekannt: ${unknown.join(", ")}.` : "";
}

function showProgress() {
  const done = state.done.size, all = state.pairs.length, last = state.made.at(-1);
  find("progress").textContent = `${done} von ${all} erledigt`;
  find("last").textContent = last
    ? `Zuletzt: Paar ${last.at + 1}, ${VERDICTS[last.verdict]}${last.settled ? `; ${last.settled} weitere damit erledigt` : ""}.`
    : "";
  find("bar").max = all || 1;
  find("bar").value = done;
  find("undo").disabled = state.made.length === 0;
}

async function showPair() {
  const pair = state.pairs[state.at];
  const isOpen = state.done.size < state.pairs.length;
  const found = isOpen
    ? await ask(`/pair?a=${encodeURIComponent(pair.a)}&b=${encodeURIComponent(pair.b)}`)
    : null;
  showProgress();
  find("done").hidden = isOpen;
  find("pair").hidden = !isOpen;
  if (isOpen) showSides(pair, found);
}

function showSides(pair, found) {
  state.shown = found.shown;
  find("pair-title").textContent = `Paar ${state.at + 1} von ${state.pairs.length}`;
  for (const side of ["a", "b"]) {
    const { record, carrier } = found[side];
    find(`head-${side}`).textContent = carrier ? `${record} (${carrier})` : record;
  }
  const household = { label: "Haushalt", a: found.a.household.join("; "), b: found.b.household.join("; "), sign: "" };
  showValues([...found.values, household]);
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
    if (!state.done.has(next)) { state.at = next; break; }
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

function noteWaiting(waiting) {
  const left = new Set(waiting.map((pair) => pair.join(" ~ ")));
  state.done = new Set([...state.pairs.keys()].filter((at) => !left.has(`${state.pairs[at].a} ~ ${state.pairs[at].b}`)));
}

async function decide(verdict) {
  const pair = state.pairs[state.at], reason = find("reason").value.trim();
  if (!reason) {
    find("reason").focus();
    throw new Error("Bitte eine Begründung angeben.");
  }
  const made = await ask("/decide", { a: pair.a, b: pair.b, verdict, reason, shown: state.shown })
    // What is refused may have changed meanwhile: it is shown as it is now.
    .catch(async (error) => { await showPair(); throw error; });
  const before = state.done.size;
  noteWaiting(made.waiting);
  state.made.push({ at: state.at, number: made.number, verdict, settled: state.done.size - before - 1 });
  await move(1);
}

async function undo() {
  const last = state.made.at(-1);
  if (!last) return;
  const made = await ask("/undo", { number: last.number });
  state.made.pop();
  noteWaiting(made.waiting);
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
  // A key that is held down is meant for one pair.
  if (!event.repeat) act(KEYS[event.key]);
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
