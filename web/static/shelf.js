// Conversations live in this browser alone, each under a key of its own, so that two windows lose none of each other's.
// What goes to the server and comes from it is told in web/message.py.
window.articleQA = (() => {
  const KEPT = 50; // conversations; localStorage ends at 5 MB, one exchange takes 3 to 6 KB
  const PREFIX = 'article-qa.conversation.';
  const OPEN = 'article-qa.open'; // which conversation this window shows
  const DRAFT = 'article-qa.draft';
  const known = new Map(); // exchange id -> the exchange as this window last read or wrote it
  const forgotten = new Set(); // conversations that were deleted here: what still comes for them is dropped
  let shown; // the open conversation
  const UNCHANGED = { __type__: 'update' };

  function remember(conversation) {
    for (const one of conversation.exchanges) known.set(one.id, JSON.stringify(one));
  }

  function fresh() {
    const id = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0'));
    return { id: id.join(''), started: `${new Date().toISOString().slice(0, 19)}+00:00`, name: '', exchanges: [] };
  }

  function read(id) {
    try {
      const found = JSON.parse(localStorage.getItem(PREFIX + id));
      return found && Array.isArray(found.exchanges) ? found : null;
    } catch { return null; }
  }

  function others(id) { // latest first
    const ids = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
    const found = ids.filter((one) => one !== id).map(read).filter((one) => one?.exchanges.length);
    return found.sort((one, other) => (one.started < other.started ? 1 : -1));
  }

  // What this window changed, put into what is stored: another window may have asked in the same conversation.
  function merged(conversation) {
    const exchanges = read(conversation.id)?.exchanges || [];
    for (const one of conversation.exchanges) {
      const at = exchanges.findIndex((old) => old.id === one.id);
      if (at < 0) { exchanges.push(one); continue; }
      const answered = exchanges[at].said && exchanges[at].question === one.question;
      const changed = known.get(one.id) !== JSON.stringify(one);
      if (changed && !(answered && one.problem)) exchanges[at] = one;
    }
    return { ...conversation, exchanges };
  }

  function write(conversation) {
    const kept = others(conversation.id);
    const drop = () => localStorage.removeItem(PREFIX + kept.pop().id);
    while (kept.length >= KEPT) drop();
    for (;;) {
      try { localStorage.setItem(PREFIX + conversation.id, JSON.stringify(conversation)); return; } catch (full) {
        if (!kept.length) throw full;
        drop();
      }
    }
  }

  // Its name, every question as far as there is room, the day: what is typed into the box finds any of them.
  function label({ name, exchanges, started }) {
    const said = [name, ...exchanges.map((one) => one.question)].filter(Boolean).join(' · ').replace(/\s+/g, ' ');
    return `${said.length > 200 ? `${said.slice(0, 199).trimEnd()}…` : said} · ${started.slice(0, 10)}`;
  }

  function earlier() { // for the box of the earlier conversations
    const choices = others(shown.id).map((one) => [label(one), one.id]);
    return { __type__: 'update', choices, value: null, visible: choices.length > 0 };
  }

  // Shows the conversation of that id, or a new one.
  function open(id) {
    shown = (id && read(id)) || fresh();
    remember(shown);
    sessionStorage.setItem(OPEN, shown.id);
  }

  function rename() {
    const name = prompt('What is this conversation called?', shown.name || '');
    if (name === null) return;
    shown = { ...shown, name: name.trim().slice(0, 100) };
    if (shown.exchanges.length) write({ ...merged(shown), name: shown.name });
  }

  function forget() {
    if (shown.exchanges.length && !confirm('Delete this conversation? It is kept nowhere else.')) return;
    localStorage.removeItem(PREFIX + shown.id);
    forgotten.add(shown.id);
    open('');
  }

  function copy(button, text) {
    const label = button.textContent;
    const done = () => { button.textContent = 'Copied'; setTimeout(() => { button.textContent = label; }, 1500); };
    if (navigator.clipboard && window.isSecureContext) { navigator.clipboard.writeText(text).then(done); return; }
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    done();
  }

  // What is typed and not asked outlives the page, as when a server that came back has it made anew.
  function drafted(question) { sessionStorage.setItem(DRAFT, question || ''); }
  document.addEventListener('input', ({ target }) => {
    if (target.closest?.('#question')) drafted(target.value);
  });

  open(sessionStorage.getItem(OPEN)); // what this window showed before, from the page's first moment
  return {
    copy,
    draft: () => sessionStorage.getItem(DRAFT) || '',
    drafted,
    earlier,
    forget,
    open,
    rename,
    shown: () => shown,
    // Keeps a conversation that the server sends, and shows it if nothing else was opened or asked since: gives its
    // HTML, the source panel and the box of the earlier ones.
    arrive(arrived) {
      const { conversation, html, source } = JSON.parse(arrived);
      if (conversation.exchanges.length && !forgotten.has(conversation.id)) write(merged(conversation));
      remember(conversation);
      const late = conversation.id !== shown.id || conversation.exchanges.length < shown.exchanges.length;
      if (late) return [UNCHANGED, UNCHANGED, earlier()];
      shown = conversation;
      return [html, source === null ? UNCHANGED : source, earlier()];
    },
  };
})();
