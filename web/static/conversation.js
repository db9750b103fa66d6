// The conversation: its buttons raise Gradio's events; copying and keeping one's place happen here.
const EVENTS = ['cite', 'related', 'again', 'edit', 'judge', 'remark', 'example'];

function copied(button, text) {
  const done = () => { button.textContent = 'Copied'; setTimeout(() => { button.textContent = 'Copy'; }, 1500); };
  if (navigator.clipboard && window.isSecureContext) { navigator.clipboard.writeText(text).then(done); return; }
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
  done();
}

element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-do]');
  if (!button) return;
  const data = { ...button.dataset };
  if (data.do === 'copy') { copied(button, data.copy); return; }
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
