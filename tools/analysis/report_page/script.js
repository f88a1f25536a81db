'use strict';

const gallery = document.querySelector('.gallery');
const cards = [...gallery.children];
const filters = [...document.querySelectorAll('select[data-filter]')];
const order = document.querySelector('#order');
const shown = document.querySelector('#shown');

// '' in a filter stands for all
function applyFilters() {
  let count = 0;
  for (const card of cards) {
    card.hidden = filters.some(
      (filter) =>
        filter.value && card.dataset[filter.dataset.filter] !== filter.value
    );
    count += !card.hidden;
  }
  shown.textContent = `${count} of ${cards.length} ${shown.dataset.what}`;
}

function compare(a, b) {
  const x = Number(a), y = Number(b);
  const numbers = a !== '' && b !== '' && !isNaN(x) && !isNaN(y);
  return numbers ? x - y : a.localeCompare(b);
}

function sortGallery() {
  const [key, direction] = order.value.split(' ');
  const sign = direction === 'down' ? -1 : 1;
  cards.sort((a, b) => sign * compare(a.dataset[key], b.dataset[key]));
  gallery.append(...cards);
}

function sortTable(header) {
  const table = header.closest('table');
  const column = [...header.parentNode.children].indexOf(header);
  const down = header.getAttribute('aria-sort') === 'descending';
  for (const other of header.parentNode.children) {
    other.removeAttribute('aria-sort');
  }
  header.setAttribute('aria-sort', down ? 'ascending' : 'descending');
  const value = (row) => row.children[column].dataset.value;
  const rows = [...table.tBodies[0].rows];
  // rows without a value stay last
  rows.sort((a, b) => {
    const x = value(a), y = value(b);
    if (x === '' || y === '') return (x === '') - (y === '');
    return (down ? 1 : -1) * compare(x, y);
  });
  table.tBodies[0].append(...rows);
}

for (const button of document.querySelectorAll('th button')) {
  button.addEventListener('click', () => sortTable(button.parentNode));
}
for (const filter of filters) filter.addEventListener('change', applyFilters);
order.addEventListener('change', sortGallery);
applyFilters();
sortGallery();
