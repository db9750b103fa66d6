// The source panel: brings the quote into view, marks the chosen citation, steps to the next one.
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
  if (window.articleQAChosen && window.matchMedia('(max-width: 899px)').matches) {
    element.scrollIntoView({ block: 'start' });
  }
  window.articleQAChosen = false;
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
  if (button.dataset.do === 'back') (shownCitation() || document.body).scrollIntoView({ block: 'center' });
});

document.addEventListener('keydown', (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  event.preventDefault();
  step(event.key === 'ArrowDown' ? 1 : -1);
});

window.addEventListener('articleqa:source', point);
watch('value', () => requestAnimationFrame(reveal));
