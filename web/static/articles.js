// The articles and the generations: their buttons raise Gradio's events, those that take something away ask first.
const EVENTS = ['sort', 'remove', 'back'];
const SURE = {
  remove: (data) => `Remove ${data.name} from the store?`,
  back: (data) => `Let generation ${data.generation} answer from now on?`,
};

element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-do]');
  if (!button) return;
  const data = { ...button.dataset };
  if (SURE[data.do] && !confirm(SURE[data.do](data))) return;
  if (EVENTS.includes(data.do)) trigger(data.do, data);
});
