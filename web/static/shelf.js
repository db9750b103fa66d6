// Conversations live in this browser alone, each under a key of its own, so that two windows lose none of each other's.
// What goes to the server and comes from it is told in web/message.py.
window.articleQA = (() => {
  const KEPT = 50; // conversations; localStorage ends at 5 MB, one exchange takes 3 to 6 KB
  const PREFIX = 'article-qa.conversation.';
  const OPEN = 'article-qa.open'; // which conversation this window shows
  const known = new Map(); // exchange id -> the exchange as this window last read or wrote it
  let shown; // the open conversation
  const UNCHANGED = { __type__: 'update' };

  function remember(conversation) {
    for (const one of conversation.exchanges) known.set(one.id, JSON.stringify(one));
  }

  function fresh() {
    const id = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0'));
    return { id: id.join(''), started: `${new Date().toISOString().slice(0, 19)}+00:00`, exchanges: [] };
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

  function label(conversation) {
    const question = conversation.exchanges[0].question.replace(/\s+/g, ' ');
    const title = question.length > 60 ? `${question.slice(0, 59).trimEnd()}…` : question;
    return `${title} · ${conversation.started.slice(0, 10)}`;
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

  open(sessionStorage.getItem(OPEN)); // what this window showed before, from the page's first moment
  return {
    earlier,
    open,
    shown: () => shown,
    // Keeps a conversation that the server sends, and shows it if nothing else was opened or asked since: gives its
    // HTML, the source panel and the box of the earlier ones.
    arrive(arrived) {
      const { conversation, html, source } = JSON.parse(arrived);
      if (conversation.exchanges.length) write(merged(conversation));
      remember(conversation);
      const late = conversation.id !== shown.id || conversation.exchanges.length < shown.exchanges.length;
      if (late) return [UNCHANGED, UNCHANGED, earlier()];
      shown = conversation;
      return [html, source === null ? UNCHANGED : source, earlier()];
    },
  };
})();
