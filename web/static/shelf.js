// Conversations live in this browser alone, each under a key of its own, so that two windows lose none of each other's.
window.articleQA = (() => {
  const KEPT = 50; // conversations; localStorage ends at 5 MB, one exchange takes 3 to 6 KB
  const PREFIX = 'article-qa.conversation.';
  const OPEN = 'article-qa.open'; // which conversation this window shows
  let known = new Map(); // exchange id -> the exchange as this window last read or wrote it

  const remember = (conversation) => {
    known = new Map((conversation?.exchanges || []).map((one) => [one.id, JSON.stringify(one)]));
    sessionStorage.setItem(OPEN, conversation?.id || '');
  };

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

  return {
    // The conversation of that id, or null to begin one; without an id, the one that this window showed before.
    open(id = sessionStorage.getItem(OPEN)) {
      const conversation = id ? read(id) : null;
      remember(conversation);
      return conversation;
    },
    // Writes the conversation; returns what the box of the earlier ones shows.
    keep(conversation) {
      if (conversation.exchanges.length) write(merged(conversation));
      remember(conversation);
      const choices = others(conversation.id).map((one) => [label(one), one.id]);
      return { __type__: 'update', choices, value: null, visible: choices.length > 0 };
    },
  };
})();
