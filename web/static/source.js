// The source panel: brings the quote into view, marks the chosen citation, steps to the next one.
let chosen = false; // whether a person chose what is shown next

function shownCitation() {
  const source = element.querySelector('.source');
  if (!source) return null;
  const { exchange, number, kind } = source.dataset;
  return document.querySelector(
    `.citation[data-do="${kind}"][data-exchange="${CSS.escape(exchange)}"][data-number="${number}"]`);
}

function point() {
  document.querySelectorAll('.citation[aria-current]').forEach((old) => old.removeAttribute('aria-current'));
  const citation = shownCitation();
  if (citation) citation.setAttribute('aria-current', 'true');
}

function reveal() {
  const seen = (marks) => [...element.querySelectorAll(marks)].find((mark) => mark.getClientRects().length);
  const mark = seen('.text .answer-mark') || seen('.text .quote-mark'); // those on hidden syntax have no place
  const text = element.querySelector('.text');
  if (mark && text) {
    const above = mark.getBoundingClientRect().top - text.getBoundingClientRect().top;
    text.scrollTop += above - text.clientHeight / 3;
  }
  point();
  // On a narrow page the panel lies below the answer: go there, but only when a person chose a citation.
  if (chosen && window.matchMedia('(max-width: 767px)').matches) element.scrollIntoView({ block: 'start' });
  chosen = false;
}

function step(by) {
  const all = [...document.querySelectorAll('.citation')];
  const next = all[all.indexOf(shownCitation()) + by];
  if (!next) return;
  next.click();
  next.scrollIntoView({ block: 'nearest' });
}

element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-do]');
  if (!button) return;
  if (button.dataset.do === 'step') step(Number(button.dataset.by));
  if (button.dataset.do === 'copy') {
    const { link, copy } = button.dataset;
    window.articleQA.copy(button, link ? new URL(link, window.location.href).href : copy);
  }
  if (button.dataset.do === 'back') {
    const citation = shownCitation();
    (citation || document.body).scrollIntoView({ block: 'center' });
    citation?.focus({ preventScroll: true });
  }
});

document.addEventListener('keydown', (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  event.preventDefault();
  step(event.key === 'ArrowDown' ? 1 : -1);
});

// Finding in the article marks what is found without a change to the page, so that the quote's marks stay.
let found = [];
let at = 0;

function find(words) {
  const seen = (node) => (node.parentElement.checkVisibility() ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT);
  const walker = document.createTreeWalker(element.querySelector('.text'), NodeFilter.SHOW_TEXT, seen); // no syntax
  const nodes = [];
  let text = '';
  while (walker.nextNode()) { nodes.push([text.length, walker.currentNode]); text += walker.currentNode.data; }
  const place = (offset, character) => { // beside that character, as hidden syntax may stand between two
    const [start, node] = nodes.findLast(([first]) => first <= character);
    return [node, offset - start];
  };
  found = [];
  const [low, wanted] = [text.toLowerCase(), words.toLowerCase()];
  if (low.length !== text.length) return; // a letter that is longer when small: no offset would hold
  for (let start = low.indexOf(wanted); wanted && start >= 0; start = low.indexOf(wanted, start + wanted.length)) {
    const range = document.createRange();
    range.setStart(...place(start, start));
    range.setEnd(...place(start + wanted.length, start + wanted.length - 1));
    found.push(range);
  }
}

function showFound() {
  CSS.highlights.set('found', new Highlight(...found));
  CSS.highlights.set('found-here', new Highlight(...found.slice(at, at + 1)));
  const words = element.querySelector('.find input').value;
  element.querySelector('.find output').textContent = words ? `${found.length ? at + 1 : 0} of ${found.length}` : '';
  if (!found.length) return;
  const text = element.querySelector('.text');
  const above = found[at].getBoundingClientRect().top - text.getBoundingClientRect().top;
  if (above < 0 || above > text.clientHeight) text.scrollTop += above - text.clientHeight / 3;
}

element.addEventListener('input', ({ target }) => {
  if (!target.closest('.find') || !window.CSS?.highlights) return;
  find(target.value);
  at = 0;
  showFound();
});

element.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !event.target.closest('.find') || !found.length) return;
  event.preventDefault();
  at = (at + (event.shiftKey ? found.length - 1 : 1)) % found.length;
  showFound();
});

window.addEventListener('articleqa:source', point);
window.addEventListener('articleqa:chosen', ({ detail }) => {
  chosen = true;
  const { exchange, number, kind } = element.querySelector('.source')?.dataset || {};
  // Already shown: no new value will arrive, but the person wants to see it.
  if (exchange === detail.exchange && number === detail.number && kind === detail.do) reveal();
});
watch('value', () => requestAnimationFrame(reveal));
