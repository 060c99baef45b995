/** Reads and writes the address of the page: persons, tab and details. */

export const TABS = ['chat', 'feed', 'crm', 'bench'];

/** The panels of the workbench; the first one is the default. */
export const PANELS = ['traffic', 'apps', 'switches', 'faults', 'clock', 'event', 'record'];

const number = (text) => (/^\d{1,9}$/.test(text ?? '') ? Number(text) : null);

function paneOf(query, mark) {
  const [type, id] = (query.get(`entity${mark}`) ?? '').split('-');
  const dialog = query.get(`dialog${mark}`);
  return {
    dialog: /^(\d+|chat\d+)$/.test(dialog ?? '') ? dialog : null,
    post: number(query.get(`post${mark}`)),
    entity: number(id) ? { type, id: number(id) } : null,
  };
}

/** Read the address into {as, with, tab, panel, panes: [first, second]}. */
export function read() {
  const query = new URLSearchParams(location.search);
  const tab = query.get('tab');
  return {
    as: number(query.get('as')),
    with: number(query.get('with')),
    tab: TABS.includes(tab) ? tab : 'chat',
    panel: PANELS.includes(query.get('panel')) ? query.get('panel') : PANELS[0],
    panes: [paneOf(query, ''), paneOf(query, '2')],
  };
}

/** Return the address of a place. */
export function address(place) {
  const query = new URLSearchParams();
  if (place.as) query.set('as', place.as);
  if (place.with) query.set('with', place.with);
  if (place.tab !== 'chat') query.set('tab', place.tab);
  if (place.tab === 'bench' && place.panel !== PANELS[0]) query.set('panel', place.panel);
  place.panes.forEach((pane, index) => {
    const mark = index ? '2' : '';
    if (pane.dialog) query.set(`dialog${mark}`, pane.dialog);
    if (pane.post && place.tab === 'feed') query.set(`post${mark}`, pane.post);
    if (pane.entity) query.set(`entity${mark}`, `${pane.entity.type}-${pane.entity.id}`);
  });
  return `/?${query}`;
}

/** Write a place into the address. The Back button returns to the old place, unless `replace` is set. */
export function write(place, { replace = false } = {}) {
  const url = address(place);
  if (url === location.pathname + location.search) return;
  if (replace) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
}
