/** Draws ATTACH, the card of blocks below the text of a message, and lists of files. */

import { anchor, safe, linkLabel, unescaped } from './links.js';
import { avatar } from './people.js';
import { bb, plain } from './bb.js';
import { bytes } from './time.js';
import { h } from './dom.js';
import { hex, token } from './colors.js';
import { icon } from './icons.js';

const BLOCKS = {
  USER: user,
  LINK: link,
  RICH_LINK: richLink,
  MESSAGE: message,
  GRID: grid,
  IMAGE: image,
  FILE: file,
  DELIMITER: delimiter,
};

/** Return the card of an attach, or null when it is empty. */
export function attachCard(attach) {
  const blocks = Array.isArray(attach) ? attach : attach?.BLOCKS;
  if (!Array.isArray(blocks) || !blocks.length) return null;
  const data = { token: token(attach.COLOR_TOKEN) };
  const own = hex(attach.COLOR);
  if (attach.COLOR === 'transparent') data.token = 'none';
  return h(
    'section',
    { class: 'attach', 'aria-label': 'Attachment', data, vars: { '--stripe': own } },
    blocks.flatMap(draw),
  );
}

function draw(block) {
  const name = Object.keys(BLOCKS).find((key) => block?.[key] !== undefined);
  if (!name) return [];
  const value = block[name];
  if (name === 'GRID') return [grid(value)];
  return (Array.isArray(value) ? value : [value]).map((item) => BLOCKS[name](item ?? {}));
}

function message(value) {
  return h('div', { class: 'attach-text' }, bb(typeof value === 'string' ? value : (value.TEXT ?? '')));
}

/** Return a link to the person, the chat or else the address of a block. */
function target(item, children, props) {
  const dialog = item.USER_ID || item.BOT_ID || (item.CHAT_ID && `chat${item.CHAT_ID}`);
  return anchor(dialog ? `/online/?IM_DIALOG=${encodeURIComponent(dialog)}` : item.LINK, children, props);
}

function user(item) {
  const id = item.USER_ID || item.BOT_ID || item.CHAT_ID || 0;
  const name = String(item.NAME ?? '');
  return h(
    'div',
    { class: 'attach-user' },
    avatar({ id, name, round: item.AVATAR_TYPE !== 'CHAT' }, 'small'),
    target(item, name, { class: 'attach-name' }),
  );
}

function link(item) {
  const url = safe(item.LINK);
  const name = item.NAME || (url ? linkLabel(url) : '');
  const words = item.HTML ? stripped(item.HTML) : item.DESC;
  return h(
    'div',
    { class: 'attach-link' },
    target(item, [name], { class: 'attach-name' }),
    words && h('p', { class: 'attach-desc' }, bb(words)),
    preview(item),
  );
}

/** Show foreign HTML as its text only; it is never parsed as HTML. */
const stripped = (html) =>
  unescaped(
    String(html)
      .replace(/<br\s*\/?>/gi, '\n')
      .replace(/<[^<>]*>/g, ''),
  );

function richLink(item) {
  const url = safe(item.LINK);
  const body = [
    h('span', { class: 'attach-name' }, item.NAME || (url && linkLabel(url))),
    item.DESC && h('span', { class: 'attach-desc' }, plain(item.DESC)),
    url && h('span', { class: 'attach-host' }, icon('link', 14), url.host),
  ];
  const sized = { ...item, ...item.PREVIEW_SIZE, PREVIEW: item.PREVIEW || item.EXTRA_IMAGE };
  return h('div', { class: 'attach-rich' }, preview(sized), target(item, body, { class: 'attach-rich-body' }));
}

function preview(item) {
  return safe(item.PREVIEW) ? image({ ...item, NAME: '', LINK: item.LINK || item.PREVIEW }) : null;
}

/** Draw a picture. Pictures of other servers are loaded after a click only, so that a message cannot track its reader. */
function image(item) {
  const url = safe(item.PREVIEW) ?? safe(item.LINK);
  if (!url) return h('p', { class: 'attach-desc' }, item.NAME ?? 'picture');
  const vars = { '--ratio': item.WIDTH && item.HEIGHT ? `${Number(item.WIDTH)} / ${Number(item.HEIGHT)}` : null };
  const frame = h('figure', { class: 'attach-image', vars });
  const show = () => frame.replaceChildren(anchor(item.LINK, picture(url, item, frame)));
  if (url.origin === location.origin) show();
  else frame.append(showButton(url, item, show));
  return frame;
}

function picture(url, item, frame) {
  const missing = () =>
    frame.replaceChildren(h('span', { class: 'attach-desc' }, `The picture did not load: ${linkLabel(url)}`));
  return h('img', { src: url.href, alt: item.NAME || 'picture', loading: 'lazy', on: { error: missing } });
}

function showButton(url, item, show) {
  return h(
    'button',
    { type: 'button', class: 'attach-wait', on: { click: show } },
    icon('image', 24),
    h(
      'span',
      {},
      h('span', { class: 'attach-name' }, item.NAME || 'Picture'),
      h('span', { class: 'attach-desc' }, `Show from ${url.host}`),
    ),
  );
}

function file(item) {
  const url = safe(item.LINK);
  return h(
    'div',
    { class: 'attach-file' },
    h('span', { class: 'file-mark' }, icon('file')),
    h(
      'div',
      {},
      anchor(item.LINK, item.NAME || (url && linkLabel(url)) || 'file', { class: 'attach-name' }),
      item.SIZE && h('span', { class: 'attach-desc' }, bytes(item.SIZE)),
    ),
  );
}

/** Draw the files of a message or post: pictures are shown, all can be downloaded. */
export function fileList(list) {
  if (!list?.length) return null;
  return h(
    'ul',
    { class: 'files', 'aria-label': 'Files' },
    list.map((one) =>
      h(
        'li',
        { class: 'attach-file' },
        one.image ? thumbnail(one) : h('span', { class: 'file-mark' }, icon('file')),
        h(
          'span',
          {},
          fileName(one),
          h('span', { class: 'attach-desc' }, bytes(one.size)),
        ),
      ),
    ),
  );
}

function fileName({ name, url }) {
  if (!url) return h('span', { class: 'attach-name' }, name);
  return h('a', { class: 'attach-name', href: url, download: name }, name);
}

const thumbnail = ({ url, image: { width, height } }) =>
  h('img', { class: 'file-picture', src: url, alt: '', width, height, loading: 'lazy' });

function delimiter(item) {
  const size = Math.min(600, Number(item.SIZE) || 200);
  return h('hr', { class: 'attach-line', vars: { '--size': `${size}px`, '--line-color': hex(item.COLOR) } });
}

const LAYOUTS = { LINE: 'line', CARD: 'line', ROW: 'row', COLUMN: 'row', TABLE: 'table' };

function grid(rows) {
  const list = Array.isArray(rows) ? rows.filter((row) => row && typeof row === 'object') : [];
  const layout = LAYOUTS[list[0]?.DISPLAY] ?? 'block';
  return h(
    'dl',
    { class: `grid ${layout}` },
    list.map((row) => gridItem(row)),
  );
}

function gridItem(row) {
  const width = Number(row.WIDTH) > 0 ? `${Math.min(600, Number(row.WIDTH))}px` : null;
  const tone = hex(row.COLOR);
  const vars = { '--width': width, '--tone': tone };
  const value = bb(row.VALUE ?? '');
  const linked = row.LINK || row.USER_ID || row.CHAT_ID;
  return h(
    'div',
    { class: 'grid-item', data: { token: token(row.COLOR_TOKEN) }, vars },
    row.NAME && h('dt', {}, plain(row.NAME)),
    h(
      'dd',
      { class: tone && 'toned' },
      linked ? target(row, plain(row.VALUE ?? '') || plain(row.NAME ?? ''), {}) : value,
    ),
  );
}
