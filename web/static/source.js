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
  const mark = element.querySelector('.text .answer-mark') || element.querySelector('.text .quote-mark');
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

window.addEventListener('articleqa:source', point);
window.addEventListener('articleqa:chosen', ({ detail }) => {
  chosen = true;
  const { exchange, number, kind } = element.querySelector('.source')?.dataset || {};
  // Already shown: no new value will arrive, but the person wants to see it.
  if (exchange === detail.exchange && number === detail.number && kind === detail.do) reveal();
});
watch('value', () => requestAnimationFrame(reveal));
