/** Draws BB code: parses text into a tree and turns the tree into nodes. Unknown markup stays text. */

import { anchor, safe, linkLabel } from './links.js';
import { hex } from './colors.js';
import { h, emit } from './dom.js';
import { long, stamp } from './time.js';
import { nameOf } from './people.js';

const TAG = /\[(\/?)([a-z]+)((?:=|\s)[^\]\n]{0,2000})?\]/gi;
const OPTIONS = /\s+(?:size|title|format|replace|width|height)\b.*$/i;
const WITH_OPTIONS = new Set(['img', 'icon', 'timestamp', 'user']);
const ALONE = new Set(['br', 'timestamp', 'icon', 'disk', 'rating', 'attach']);
const PAIRED = new Set([
  'b',
  'i',
  'u',
  's',
  'url',
  'user',
  'chat',
  'context',
  'send',
  'put',
  'call',
  'pch',
  'code',
  'quote',
  'size',
  'color',
  'img',
  'list',
  'p',
]);
const MAX_DEPTH = 30; // protects the page from messages with thousands of nested tags
const PLAIN_LINK = /https?:\/\/[^\s<>"'[\]]+[^\s<>"'[\].,:;!?)]/gi;

/** Parse text into a tree of strings and {tag, arg, options, children, raw}. */
export function parse(text) {
  const root = { children: [] };
  const open = [root];
  const source = markQuotes(String(text ?? ''));
  const scan = new RegExp(TAG);
  let at = 0;
  for (let match = scan.exec(source); match; match = scan.exec(source)) {
    const step = readTag(match, open, source);
    if (step === null) continue;
    addText(step.before, source.slice(at, match.index));
    at = step.end ?? scan.lastIndex;
    scan.lastIndex = at;
    step.apply();
  }
  addText(open.at(-1), source.slice(at));
  while (open.length > 1) revertToText(open);
  return root.children;
}

/** Return how a tag changes the open tags, or null when it is plain text. */
function readTag(match, open, source) {
  const [raw, slash, name, rest = ''] = match;
  const tag = name.toLowerCase();
  const before = open.at(-1);
  if (slash) return rest ? null : closeTag(tag, open, before);
  const node = { tag, ...argument(tag, rest), children: [], raw };
  if (ALONE.has(tag)) return { before, apply: () => before.children.push(node) };
  if (!PAIRED.has(tag) || open.length > MAX_DEPTH) return null;
  if (tag === 'code') return code(match, source, before, node);
  return {
    before,
    apply: () => {
      before.children.push(node);
      open.push(node);
    },
  };
}

/** Split "=2 REPLACE" into the argument 2 and the option REPLACE; most tags have only an argument. */
function argument(tag, rest) {
  const options = WITH_OPTIONS.has(tag) ? (OPTIONS.exec(rest)?.[0] ?? '') : '';
  const before = rest.slice(0, rest.length - options.length);
  return { arg: before.startsWith('=') ? before.slice(1).trim() : '', options };
}

function closeTag(tag, open, before) {
  const depth = open.findLastIndex((node) => node.tag === tag);
  if (depth < 1) return null;
  const apply = () => {
    while (open.length - 1 > depth) revertToText(open);
    open.pop();
  };
  return { before, apply };
}

/** Read a [code] block, in which nothing is a tag. */
function code(match, source, before, node) {
  const from = match.index + match[0].length;
  const to = source.toLowerCase().indexOf('[/code]', from);
  if (to < 0) return null;
  node.children = [source.slice(from, to)];
  return { before, end: to + 7, apply: () => before.children.push(node) };
}

/** Turn an unclosed tag back into its text. */
function revertToText(open) {
  const node = open.pop();
  const siblings = open.at(-1).children;
  siblings.splice(siblings.indexOf(node), 1, node.raw, ...node.children);
}

function addText(node, text) {
  if (text) node.children.push(text);
}

const isCode = /(\[code\][\s\S]*?\[\/code\])/i;

/** Put [quote] around quotations: lines with >> and blocks between lines of 54 dashes. */
function markQuotes(text) {
  return text
    .split(isCode)
    .map((part, index) =>
      index % 2
        ? part
        : part
            .replace(/^-{54}\n([\s\S]*?)\n-{54}$\n?/gm, '[quote]$1[/quote]')
            .replace(/(?:^>>[^\n]*(?:\n|$))+/gm, (lines) => `[quote]${lines.replace(/^>> ?/gm, '').trimEnd()}[/quote]`),
    )
    .join('');
}

/** Return BB code as nodes. */
export const bb = (text) => draw(parse(text));

/** Return BB code as plain text, for lists, tooltips and screen readers. */
export function plain(text) {
  const flat = (list) => list.map((node) => (typeof node === 'string' ? node : flatTag(node))).join('');
  const flatTag = (node) => {
    if (node.tag === 'br') return '\n';
    if (node.tag === 'timestamp') return stamp(Number(node.arg) || 0, node.options);
    if (node.tag === 'quote') return `${flat(node.children)}\n`;
    return flat(node.children) || defaultLabel(node);
  };
  return flat(parse(text));
}

const defaultLabel = (node) => (node.tag === 'url' ? node.arg : node.tag === 'user' ? nameOf(node.arg) : '');

const draw = (list) => list.flatMap((node) => (typeof node === 'string' ? linked(node) : [drawTag(node)]));

/** Turn plain addresses in a text into links. */
function linked(text) {
  const out = [];
  let at = 0;
  for (const match of text.matchAll(PLAIN_LINK)) {
    out.push(text.slice(at, match.index), anchor(match[0], match[0]));
    at = match.index + match[0].length;
  }
  return [...out, text.slice(at)];
}

const inside = (node) => node.children.map((child) => (typeof child === 'string' ? child : drawTag(child)));
const words = (node) => node.children.map((child) => (typeof child === 'string' ? child : words(child))).join('');
const wrap = (tag, name) => (node) => h(tag, { class: name }, draw(node.children));

/** Return the items of a list, the text after each [*] without the last line break. */
function items(node) {
  const out = [[]];
  for (const child of node.children) {
    const parts = typeof child === 'string' ? child.split('[*]') : [child];
    parts.forEach((part, at) => {
      if (at) out.push([]);
      out.at(-1).push(at < parts.length - 1 ? part.trimEnd() : part);
    });
  }
  return out.filter((one) => one.some((part) => typeof part !== 'string' || part.trim()));
}

const TAGS = {
  b: wrap('strong'),
  i: wrap('em'),
  u: wrap('span', 'bb-u'),
  s: wrap('s'),
  p: wrap('span', 'bb-p'),
  list: (node) => h('ul', { class: 'bb-list' }, items(node).map((one) => h('li', {}, draw(one)))),
  quote: wrap('blockquote', 'bb-quote'),
  br: () => h('br'),
  code: (node) => h('code', { class: 'bb-code' }, words(node)),
  url: (node) => anchor(node.arg || words(node), inside(node).length ? inside(node) : node.arg),
  user: (node) => person(node),
  chat: (node) => (/^\d+$/.test(node.arg) ? place(node, `chat${node.arg}`) : h('span', {}, inside(node))),
  context: (node) => place(node, node.arg.split('/')[0]),
  send: (node) => chip(node, 'SEND', 'Sends'),
  put: (node) => chip(node, 'PUT', 'Inserts into the input'),
  call: (node) => chip(node, 'CALL', 'Calls'),
  pch: wrap('span'),
  size: (node) => sized(node),
  color: (node) => colored(node),
  timestamp: (node) => timestamp(node),
  img: (node) => picture(words(node), 'picture'),
  icon: (node) => picture(node.arg, /title=([^\]]+?)(?=\s+\w+=|$)/i.exec(node.options)?.[1] ?? 'icon'),
  disk: (node) => h('span', { class: 'bb-file' }, `file ${node.arg}`),
};

const drawTag = (node) => (TAGS[node.tag] ?? ((other) => h('span', {}, other.raw)))(node);

function person(node) {
  const id = node.arg.trim().split(/\s/)[0];
  const name = words(node).trim() ? inside(node) : nameOf(id);
  if (id.toLowerCase() === 'all') return h('span', { class: 'bb-mention' }, name);
  return /^\d+$/.test(id) ? place({ children: [], drawn: name }, id) : h('span', {}, name);
}

function place(node, dialog) {
  const on = { click: (event) => emit(event.currentTarget, 'go', { tab: 'chat', dialog }) };
  return h('button', { type: 'button', class: 'bb-mention', on }, node.drawn ?? inside(node));
}

function chip(node, action, verb) {
  const label = words(node);
  const value = node.arg || label;
  const on = { click: (event) => emit(event.currentTarget, 'act', { action, value }) };
  return h('button', { type: 'button', class: 'bb-chip', title: `${verb}: ${value}`, on }, label || value);
}

function sized(node) {
  const size = Math.min(30, Math.max(8, parseInt(node.arg, 10) || 15));
  return h('span', { class: 'bb-size', vars: { '--size': `${size}px` } }, draw(node.children));
}

function colored(node) {
  const color = hex(node.arg);
  return h('span', { class: color && 'bb-color', vars: { '--tone': color } }, draw(node.children));
}

function timestamp(node) {
  const seconds = Number(node.arg);
  const format = /format=(\w+)/i.exec(node.options)?.[1] ?? '';
  const words = stamp(seconds, format);
  if (!words) return h('span', {}, node.raw);
  return h('time', { title: long(seconds), datetime: new Date(seconds * 1000).toISOString() }, words);
}

/** Draw a picture; one of another server becomes a link, so that nothing is loaded from there without a click. */
function picture(address, name) {
  const url = safe(address);
  if (!url) return h('span', {}, name);
  if (url.origin !== location.origin) return anchor(address, name === 'picture' ? linkLabel(url) : name);
  return h('img', { class: 'bb-img', src: url.href, alt: name, loading: 'lazy' });
}
