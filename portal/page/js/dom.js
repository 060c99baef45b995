/** Builds nodes. Data becomes text or a checked attribute, never markup. */

const REFUSED = /^(on|srcdoc$|style$)/i;

/** Make an element. props: class, on {event: fn}, vars {--name: value}, data {}, or plain attributes. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) put(node, name, value);
  node.append(...nodes(children));
  return node;
}

function put(node, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name === 'on') for (const [event, call] of Object.entries(value)) node.addEventListener(event, call);
  else if (name === 'vars') for (const [key, text] of Object.entries(value)) setVar(node, key, text);
  else if (name === 'data') Object.assign(node.dataset, value);
  else if (name === 'value') node.value = value;
  else if (REFUSED.test(name)) throw new TypeError(`${name} is not set from data`);
  else node.setAttribute(name, value === true ? '' : value);
}

function setVar(node, key, text) {
  if (text !== null && text !== undefined) node.style.setProperty(key, text);
}

/** Flatten nested lists, turn strings into text nodes, and leave out empty values. */
export function nodes(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && typeof child !== 'boolean' && child !== '')
    .map((child) => (child instanceof Node ? child : document.createTextNode(String(child))));
}

/** Replace all children of a node. */
export function fill(node, ...children) {
  node.replaceChildren(...nodes(children));
  return node;
}

/** Update the children of a list. Unchanged items keep their node, so that focus, scroll position and drafts stay. */
export function updateList(list, items, { key, signature, draw }) {
  const known = list.kept ?? new Map();
  const next = new Map();
  for (const item of items) {
    const old = known.get(key(item));
    const current = signature(item);
    next.set(key(item), old?.signature === current ? old : { signature: current, node: redraw(old, draw(item)) });
  }
  for (const [id, entry] of known) if (next.get(id)?.node !== entry.node) entry.node.remove();
  let place = list.firstChild;
  for (const { node } of next.values()) {
    if (node === place) place = place.nextSibling;
    else list.insertBefore(node, place);
  }
  list.kept = next;
}

/** Replace a node and keep the keyboard focus on the same control. */
function redraw(old, fresh) {
  if (!old?.node.isConnected) return fresh;
  const at = controls(old.node).indexOf(document.activeElement);
  old.node.replaceWith(fresh);
  if (at >= 0) (controls(fresh)[at] ?? controls(fresh).at(-1))?.focus({ preventScroll: true });
  return fresh;
}

const controls = (node) => [...node.querySelectorAll('button, a[href], input, textarea, select')];

/** Send a custom event to the parents of a node. */
export function emit(node, name, detail) {
  node.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
}

/** Announce a text to screen readers. */
export function announce(text) {
  const place = document.getElementById('announcer');
  if (place) place.textContent = text;
}

/** Run an action and return whether it succeeded; show a refusal. */
export async function run(action) {
  try {
    await (typeof action === 'function' ? action() : action);
    return true;
  } catch (problem) {
    toast(problem.message, 'error');
    return false;
  }
}

/** Create a form field with its label. */
export const labelled = (words, field) => h('label', { class: 'field' }, h('span', {}, words), field);

/** Show a short message that disappears by itself. */
export function toast(text, kind = 'info') {
  const note = h('p', { class: `toast ${kind}` }, text);
  document.getElementById('toasts').append(note);
  setTimeout(() => note.remove(), kind === 'error' ? 8000 : 4500);
}
