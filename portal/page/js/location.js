/** The place that the address of the page names: persons, tab and details. */

export const TABS = ['chat', 'feed', 'crm', 'bench'];

/** The panels of the workbench; the first one is the default. */
export const PANELS = ['traffic', 'apps', 'switches', 'faults', 'clock', 'event', 'record'];

const number = (text) => (/^\d{1,9}$/.test(text ?? '') ? Number(text) : null);

function seatOf(query, mark) {
  const [type, id] = (query.get(`entity${mark}`) ?? '').split('-');
  const dialog = query.get(`dialog${mark}`);
  return {
    dialog: /^(\d+|chat\d+)$/.test(dialog ?? '') ? dialog : null,
    post: number(query.get(`post${mark}`)),
    entity: number(id) ? { type, id: number(id) } : null,
  };
}

/** Return the address as {as, with, tab, seats: [first, second]}. */
export function read() {
  const query = new URLSearchParams(location.search);
  const tab = query.get('tab');
  return {
    as: number(query.get('as')),
    with: number(query.get('with')),
    tab: TABS.includes(tab) ? tab : 'chat',
    panel: PANELS.includes(query.get('panel')) ? query.get('panel') : PANELS[0],
    seats: [seatOf(query, ''), seatOf(query, '2')],
  };
}

/** Return the address of a place. */
export function address(place) {
  const query = new URLSearchParams();
  if (place.as) query.set('as', place.as);
  if (place.with) query.set('with', place.with);
  if (place.tab !== 'chat') query.set('tab', place.tab);
  if (place.tab === 'bench' && place.panel !== PANELS[0]) query.set('panel', place.panel);
  place.seats.forEach((seat, index) => {
    const mark = index ? '2' : '';
    if (seat.dialog) query.set(`dialog${mark}`, seat.dialog);
    if (seat.post && place.tab === 'feed') query.set(`post${mark}`, seat.post);
    if (seat.entity) query.set(`entity${mark}`, `${seat.entity.type}-${seat.entity.id}`);
  });
  return `/?${query}`;
}

/** Write a place into the address; by default, the Back button can undo it. */
export function write(place, { replace = false } = {}) {
  const url = address(place);
  if (url === location.pathname + location.search) return;
  if (replace) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
}
