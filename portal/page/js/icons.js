/** Line icons, drawn here so that nothing is loaded from other servers. */

const PATHS = {
  chat: 'M5 6.5A2.5 2.5 0 0 1 7.5 4h9A2.5 2.5 0 0 1 19 6.5v6a2.5 2.5 0 0 1-2.5 2.5H11l-4 3.8V15A2.5 2.5 0 0 1 5 12.5z',
  feed: 'M5 5h14v14H5zM8.5 9h7M8.5 12.2h7M8.5 15.4h4',
  crm: 'M4 5h16l-6 7.2V18l-4 1.8v-7.6z',
  bench: 'M4 7h9m4 0h3M4 12h3m4 0h9M4 17h9m4 0h3M15 5v4M9 10v4M15 15v4',
  split: 'M4 5h16v14H4zM12 5v14',
  send: 'M4.5 12 20 4.5 15.5 20l-3.6-6.4zM11.9 13.6 20 4.5',
  more: 'M6 12h.01M12 12h.01M18 12h.01M6 12.01v.01M12 12.01v.01M18 12.01v.01',
  back: 'M14.5 5.5 8 12l6.5 6.5',
  down: 'M6 9.5 12 15.5l6-6',
  close: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  plus: 'M12 5v14M5 12h14',
  check: 'M5 12.5 10 17.5 19 7',
  reply: 'M10 6 4.5 11.5 10 17M5 11.5h8a6 6 0 0 1 6 6V19',
  forward: 'M14 6l5.5 5.5L14 17M19 11.5h-8a6 6 0 0 0-6 6V19',
  edit: 'M5 19l.8-3.8L16.2 4.8l3 3L8.8 18.2zM14 7l3 3',
  trash: 'M5 7h14M10 4h4M7 7l.8 12.5h8.4L17 7M10.3 10.5v6M13.7 10.5v6',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  phone:
    'M6 4h3.5l1.5 4.5L8.8 10a11 11 0 0 0 5.2 5.2l1.5-2.2L20 14.5V18a2 2 0 0 1-2.2 2A15.5 15.5 0 0 1 ' +
    '4 6.2 2 2 0 0 1 6 4z',
  file: 'M7 3.5h7L18.5 8v12.5H7zM14 3.5V8h4.5',
  image: 'M4 5h16v14H4zM4 16l4.5-4.5 4 4 3-2.5L20 16.5M15.5 9.2h.01',
  link:
    'M10 14a4 4 0 0 0 5.7 0l2.8-2.8a4 4 0 0 0-5.7-5.7L11.5 6.8' +
    'M14 10a4 4 0 0 0-5.7 0l-2.8 2.8a4 4 0 0 0 5.7 5.7l1.3-1.3',
  people:
    'M9 11.5a3.3 3.3 0 1 0 0-6.6 3.3 3.3 0 0 0 0 6.6zM3 19.5c.4-3.4 2.8-5.5 6-5.5s5.6 2.1 6 5.5' +
    'M15.5 5.3a3.3 3.3 0 0 1 0 6M17 14.4c2.3.6 3.7 2.4 4 5.1',
  comment: 'M5 5.5h14v10h-8l-4 3.5v-3.5H5z',
  flag: 'M6 20.5V4M6 5h11l-2.2 4L17 13H6',
  open: 'M13.5 4.5h6v6M19.5 4.5 11 13M17 14v5.5H4.5V7H10',
  search: 'M11 17.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM16 16l4.5 4.5',
  clip: 'M19 11.5l-7.3 7.3a4.6 4.6 0 0 1-6.5-6.5l7.8-7.8a3.1 3.1 0 0 1 4.4 4.4l-7.6 7.6a1.5 1.5 0 0 1-2.2-2.2l6.6-6.6',
  replay: 'M4.5 12a7.5 7.5 0 1 1 2.2 5.3M4.5 17.5V12.8h4.7',
  record: 'M12 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9z',
  play: 'M8 5.5v13l10-6.5z',
  pause: 'M8.5 5.5v13M15.5 5.5v13',
  save: 'M12 4v11M7 10.5l5 4.8 5-4.8M5 19.5h14',
  like: 'M7 10.5 11 4a2 2 0 0 1 2.4 2.4L12.6 10H18a2 2 0 0 1 2 2.4l-1.2 5.6a2 2 0 0 1-2 1.5H7zM7 10.5H4v9h3',
  medal: 'M12 15.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM9.3 14.7 8 20.5l4-2 4 2-1.3-5.8',
  poll: 'M5 19.5V10m5 9.5V5m5 14.5v-7m5 7V8',
  smile:
    'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM8.5 14c.8 1.3 2 2 3.5 2s2.7-.7 3.5-2M9 9.8h.01M15 9.8h.01',
  clock: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7.5V12l3 2',
};

const SVG = 'http://www.w3.org/2000/svg';

/** Return an icon of 20 px, hidden from screen readers, because the control around it has the name. */
export function icon(name, size = 20) {
  const svg = document.createElementNS(SVG, 'svg');
  const attributes = { viewBox: '0 0 24 24', width: size, height: size, class: 'icon', 'aria-hidden': 'true' };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}
