// What the page does in the browser beside Gradio's own: runs once, before Gradio draws its components.
(() => {
  const one = (selector) => document.querySelector(selector);
  const typing = 'input:not([type=range], [type=radio], [type=checkbox]), textarea, select, [contenteditable]';

  // Light or dark: the visitor's choice if there is one, else the system's. Storage may be blocked.
  const system = matchMedia('(prefers-color-scheme: dark)');
  let choice = null;
  try { choice = localStorage.getItem('theme'); } catch {}
  const applyTheme = () => {
    document.body.classList.toggle('dark', (choice ?? (system.matches ? 'dark' : 'light')) === 'dark');
    document.documentElement.style.background = '';
  };
  const switchTheme = () => {
    choice = document.body.classList.contains('dark') ? 'light' : 'dark';
    try { localStorage.setItem('theme', choice); } catch {}
    applyTheme();
  };
  applyTheme();
  system.addEventListener('change', applyTheme);

  // A browser that has been here before may find its pictures, and a run that goes on.
  try { document.body.classList.toggle('returning', 'impasto' in localStorage); } catch {}

  // Over plain http a browser has neither a clipboard nor a camera.
  document.body.classList.toggle('insecure', !isSecureContext);

  // The picture of the easel in the whole window. Its full PNG takes over once it has arrived.
  const viewer = document.createElement('dialog');
  viewer.id = 'viewer';
  viewer.setAttribute('aria-label', 'The picture in the whole window');
  viewer.innerHTML = '<img alt=""><button type="button" aria-label="Close">×</button>';
  document.body.append(viewer);
  const picture = viewer.firstChild;
  let loading = '';
  const follow = () => {
    const shown = one('#stage .frame img'), full = one('#stage .done') ? viewer.dataset.full : '';
    if (!viewer.open || !shown || (full && full === loading)) return;
    loading = full;
    picture.alt = shown.alt;
    picture.src = shown.src;
    if (!full) return;
    const sharp = new Image();
    sharp.onload = () => { if (full === loading) picture.src = full; };
    sharp.src = full;
  };
  const view = () => {
    loading = '';
    viewer.showModal();
    follow();
  };

  document.addEventListener('click', (event) => {
    if (event.target.closest('.lamp')) switchTheme();
    else if (event.target.closest('#stage .view')) view();
    else if (event.target.closest('#viewer')) viewer.close();
  });

  // Space pauses and goes on, Escape stops, unless somebody types or the key does something else where it is pressed.
  document.addEventListener('keydown', (event) => {
    const button = one(`button#${{' ': 'pause', Escape: 'stop'}[event.key]}`);
    if (!button || event.repeat || event.target.closest(typing)) return;
    if (event.key === ' ' ? !viewer.open && event.target.closest('button, a, input') : viewer.open) return;
    event.preventDefault();
    button.click();
  });

  // The boxes refuse files that the browser does not know as pictures; here the content decides.
  const PICTURE = /^image\//, INPUTS = '#photo [type=file], #own [type=file]';
  const asPictures = (files) => {
    const transfer = new DataTransfer();
    for (const file of files)
      transfer.items.add(new File([file], file.name, {type: PICTURE.test(file.type) ? file.type : 'image/*'}));
    return transfer;
  };
  document.addEventListener('change', ({target}) => {
    if (target.matches(INPUTS)) target.files = asPictures(target.files).files;
  }, true);
  document.addEventListener('drop', (event) => {
    const files = [...event.dataTransfer.files];
    if (files.every((file) => PICTURE.test(file.type)) || !event.target.closest('#photo, #own')) return;
    event.preventDefault();
    event.stopPropagation();
    event.target.dispatchEvent(new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: asPictures(files)}));
  }, true);

  // One file for each request: the studio's limits of an upload are those of one file. One that is too large is not
  // even sent, as no browser reads an answer that comes before it has sent all.
  const inMB = (bytes) => Math.ceil(bytes / 1e4) / 100;
  const uploading = document.createElement('output');
  uploading.id = 'uploading';
  document.body.append(uploading);
  const upload = (address, file) => new Promise((resolve, reject) => {
    const most = Number(one('meta[name=largest-upload]').content);
    if (file.size > most) throw Error(`${file.name} is ${inMB(file.size)} MB; the limit is ${inMB(most)}.`);
    const request = new XMLHttpRequest(), body = new FormData();
    request.responseType = 'json';
    // The boxes show their progress themselves; they ask for it by the upload_id.
    if (!address.includes('upload_id=')) request.upload.onprogress = ({loaded, total}) => {
      uploading.textContent = `Uploading ${file.name}: ${Math.floor(100 * loaded / total)} %`;
    };
    request.onloadend = () => {
      uploading.textContent = '';
      if (request.status === 200) resolve(request.response);
      else reject(Error(request.response?.error ?? `${file.name} could not be uploaded: try it again.`));
    };
    body.append('files', file);
    request.open('POST', address);
    request.send(body);
  });
  const {fetch} = window;
  window.fetch = (address, options = {}) => {
    const files = options.body instanceof FormData ? options.body.getAll('files') : [];
    if (!files.length) return fetch(address, options);
    // Of a response that is not ok, Gradio would show all the text.
    return Promise.resolve({ok: true, json: async () => {
      const paths = [];
      for (const file of files) paths.push(...await upload(address, file));
      return paths;
    }});
  };

  // A file that is dropped beside a box, or pasted, is taken, and never opened by the browser in place of the page.
  const take = (event, files) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    const input = one('[data-testid="Dropped file-upload-button"]'), transfer = new DataTransfer();
    if (!input || !files?.length) return;
    transfer.items.add(files[0]);
    input.files = transfer.files;
    input.dispatchEvent(new Event('change', {bubbles: true}));
  };
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => take(event, event.dataTransfer.files));
  document.addEventListener('paste', (event) => {
    const files = event.clipboardData?.files;
    if (files?.length && !event.target.closest(typing)) take(event, files);
  });

  // A clip and its film play as one: the film, which has the sound, leads, and the clip follows.
  const inPlayers = (event, selector, act) => {
    const players = event.target.closest?.('.players');
    if (!players || !event.target.closest(selector)) return;
    act(players.querySelector('.after'), players.querySelector('.before'), (part) => players.querySelector(part));
  };
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
  document.addEventListener('click', (event) => {
    inPlayers(event, '.play, video', (film, clip) => {
      if (!film.paused) return film.pause();
      if (film.ended) film.currentTime = 0;
      clip.currentTime = film.currentTime;
      film.play();
    });
    inPlayers(event, '.sound', (film, _clip, part) => {
      film.muted = !film.muted;
      part('.sound').setAttribute('aria-pressed', String(!film.muted));
    });
  });
  document.addEventListener('input', (event) => inPlayers(event, '.seek', (film, clip) => {
    film.currentTime = clip.currentTime = event.target.value / event.target.dataset.rate;
  }));
  for (const name of ['play', 'pause', 'timeupdate', 'seeked'])
    document.addEventListener(name, (event) => inPlayers(event, '.after', (film, clip, part) => {
      const playing = !film.paused && !film.ended;
      if (playing && clip.paused) clip.play();
      if (!playing) clip.pause();
      if (Math.abs(clip.currentTime - film.currentTime) > (playing ? 0.15 : 0.001)) clip.currentTime = film.currentTime;
      part('.play').textContent = playing ? '❚❚' : '▶';
      part('.play').setAttribute('aria-label', playing ? 'Pause' : 'Play');
      const seek = part('.seek');
      if (playing || name === 'pause') seek.value = film.currentTime * seek.dataset.rate;
      part('.time').textContent = part('.time').textContent.replace(/^[\d:]+/, clock(film.currentTime));
    }), true);

  // Arrow keys go from tab to tab.
  document.addEventListener('keydown', (event) => {
    const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!by || !event.target.matches('[role=tab]')) return;
    const tabs = [...event.target.parentElement.querySelectorAll('[role=tab]')];
    const next = tabs.at((tabs.indexOf(event.target) + by) % tabs.length);
    next.focus();
    next.click();
  });

  // A picture is deleted at the second click, unless that comes late, after a click elsewhere or as a double click.
  const announcement = document.createElement('output');
  announcement.id = 'announcement';
  document.body.append(announcement);
  let forgetting = 0;
  const askToDelete = (asking) => {
    const label = [...one('#delete')?.childNodes ?? []].find((node) => node.data?.trim());
    if (label) label.data = asking ? 'Really delete?' : 'Delete';
    announcement.textContent = asking ? 'Really delete? Press again to delete it.' : '';
    clearTimeout(forgetting);
    forgetting = asking && setTimeout(askToDelete, 4000, false);
  };
  document.addEventListener('click', (event) => {
    const onDelete = event.target.closest('#delete');
    if (!onDelete || (forgetting && event.detail < 2)) return askToDelete(false);
    event.stopPropagation();
    if (!forgetting) askToDelete(true);
  }, true);

  // Run disappears under the keyboard when it is pressed, and so does Stop: their row keeps the focus.
  let acting = false;
  document.addEventListener('focusin', (event) => { acting = Boolean(event.target.closest('#actions')); });
  const keepFocus = () => {
    if (acting && document.activeElement === document.body) one('#actions button')?.focus();
  };

  // Names and states that Gradio leaves out of its components.
  const set = (element, name, value) => {
    if (element && value && element.getAttribute(name) !== value) element.setAttribute(name, value);
  };
  const NAMES = {
    '#photo button.upload-container': 'Choose your photo or clip', '#own button.upload-container': 'Choose your style picture',
    '#choose': 'Photo and style', '#easel': 'Picture', '#settings': 'Settings',
    '#curve': 'The losses so far, on a logarithmic scale',
  };
  const ROLES = {'#choose': 'region', '#easel': 'region', '#settings': 'region', '#curve': 'img'};
  const describe = () => {
    // Where files are chosen by name, no name is greyed out; a phone asks for its photos.
    if (matchMedia('(pointer: fine)').matches)
      for (const input of document.querySelectorAll(INPUTS)) input.removeAttribute('accept');
    else set(one('#photo [type=file]'), 'accept', 'image/*,video/*');
    for (const [selector, name] of Object.entries(NAMES)) set(one(selector), 'aria-label', name);
    for (const [selector, role] of Object.entries(ROLES)) set(one(selector), 'role', role);
    for (const [id, key] of [['pause', 'Space bar'], ['stop', 'Esc']]) set(one(`button#${id}`), 'title', key);
    for (const button of document.querySelectorAll('.label-wrap'))
      set(button, 'aria-expanded', String(button.classList.contains('open')));
    for (const input of document.querySelectorAll('input[aria-label*=" for "]'))
      set(input, 'aria-label', input.getAttribute('aria-label').replace(/^(range slider|number input) for /, ''));
    for (const info of document.querySelectorAll('.info-text')) {
      const group = info.closest('fieldset') || info.closest('.block');
      for (const input of group.matches('fieldset') ? [group] : group.querySelectorAll('input'))
        set(input, 'aria-description', info.textContent);
      if (group.matches('fieldset')) set(group, 'aria-label', group.querySelector('[data-testid="block-info"]').textContent);
    }
  };

  let due = false;
  const refresh = () => {
    due = false;
    describe();
    keepFocus();
    follow();
  };
  new MutationObserver(() => {
    if (!due) requestAnimationFrame(refresh);
    due = true;
  }).observe(document.body, {
    subtree: true, childList: true, attributeFilter: ['class', 'src', 'aria-label', 'data-full'],
  });
})();
