// The conversation: its buttons raise Gradio's events; keeping one's place happens here.
const EVENTS = ['cite', 'related', 'again', 'edit', 'judge', 'remark', 'example'];

element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-do]');
  if (!button) return;
  const data = { ...button.dataset };
  if (data.do === 'copy') { window.articleQA.copy(button, data.copy); return; }
  if (data.do === 'cite' || data.do === 'related') {
    window.dispatchEvent(new CustomEvent('articleqa:chosen', { detail: data }));
  }
  if (EVENTS.includes(data.do)) trigger(data.do, data);
});

element.addEventListener('submit', (event) => {
  const form = event.target.closest('form[data-do]');
  if (!form) return;
  event.preventDefault();
  trigger('remark', { ...form.dataset, words: form.elements.words.value });
});

window.addEventListener('storage', () => trigger('kept')); // raised by other windows only

// A new exchange comes into view, and once more with its answer; an old one that only changed stays where it is.
let shown = element.querySelectorAll('.exchange').length;
let working = false;
watch('value', () => {
  const exchanges = element.querySelectorAll('.exchange');
  const last = exchanges[exchanges.length - 1];
  const answered = working;
  working = Boolean(last?.querySelector('.working'));
  if (last && (exchanges.length !== shown || working || answered)) last.scrollIntoView({ block: 'start' });
  shown = exchanges.length;
  window.dispatchEvent(new Event('articleqa:source'));
});
