/** Decides which addresses become links, and which of them this page can open itself. */

import { h, emit } from './dom.js';

const ALLOWED = /^(https?:\/\/|\/)/i;

/** Return the address if it is http, https or relative to the portal, else null; nothing else becomes a link. */
export function safe(address) {
  const text = String(address ?? '').trim();
  if (!ALLOWED.test(text)) return null;
  try {
    const url = new URL(text, location.origin);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
  } catch {
    return null; // for example "http://" alone, which is shown as text
  }
}

const ROUTES = [
  [/^\/company\/personal\/user\/\d+\/blog\/(\d+)\/?/, (m) => ({ tab: 'feed', post: Number(m[1]) })],
  [
    /^\/crm\/(lead|deal|contact|company)\/(?:details|show)\/(\d+)\/?/,
    (m) => ({ tab: 'crm', type: m[1], id: Number(m[2]) }),
  ],
  [/^\/company\/personal\/user\/(\d+)\/?$/, (m) => ({ tab: 'chat', dialog: m[1] })],
  [/^\/(?:stream|company\/personal\/log)\/?$/, () => ({ tab: 'feed' })],
];

/** Return the place on this page for an address of the portal, or null. */
export function route(url) {
  if (url.origin !== location.origin) return null;
  const dialog = url.searchParams.get('IM_DIALOG');
  if (dialog) return { tab: 'chat', dialog };
  for (const [pattern, place] of ROUTES) {
    const match = pattern.exec(url.pathname);
    if (match) return place(match);
  }
  return null;
}

/** Create a link around children; without an allowed address, return the children. */
export function anchor(address, children, props = {}) {
  const url = safe(address);
  if (!url) return h('span', { class: props.class }, children);
  const place = route(url);
  const outside = place ? {} : { target: '_blank', rel: 'noopener noreferrer' };
  const on = place ? { click: (event) => goInside(event, place) } : {};
  return h('a', { ...props, ...outside, href: url.href, on }, children);
}

function goInside(event, place) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  emit(event.currentTarget, 'go', place);
}

/** Undo the HTML escaping of stored menu texts and button links. */
export function unescaped(text) {
  const names = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#039;': "'", '&#39;': "'" };
  return String(text ?? '').replace(/&(amp|lt|gt|quot|#0?39);/g, (entity) => names[entity]);
}

/** Return the text of a link without a label. */
export const linkLabel = (url) => url.href.replace(/^https?:\/\//, '').replace(/\/$/, '');
