// A page in a headless browser, driven as a reader would: clicks, keys, what stands there, pictures.
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/// The browser of this machine, or the one that CHROMIUM names.
function browser() {
  const names = process.env.CHROMIUM ? [process.env.CHROMIUM] : NAMES;
  return names.find(name => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
}

/// A page in a headless browser, driven over two pipes (the DevTools protocol).
class Page {
  constructor(command, profile, pictures) {
    this.pictures = pictures;
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--hide-scrollbars',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', `--user-data-dir=${profile}`, '--remote-debugging-pipe', 'about:blank'];
    this.process = spawn(command, flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    this.ended = new Promise(resolve => this.process.once('exit', resolve));
    this.waiting = new Map();
    this.events = [];
    this.last = 0;
    let buffer = '';
    this.process.stdio[4].setEncoding('utf8').on('data', chunk => {
      buffer += chunk;
      const messages = buffer.split('\0');
      buffer = messages.pop();
      messages.forEach(message => this.receive(JSON.parse(message)));
    });
  }

  receive(message) {
    const waiting = this.waiting.get(message.id);
    if (!waiting) {
      this.events.push(message);
      return;
    }
    this.waiting.delete(message.id);
    if (message.error) waiting.reject(new Error(message.error.message));
    else waiting.resolve(message.result);
  }

  send(method, params = {}) {
    const id = ++this.last;
    const command = { id, method, params, ...(this.session ? { sessionId: this.session } : {}) };
    this.process.stdio[3].write(`${JSON.stringify(command)}\0`);
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  /// Opens an address, and waits until something holds there.
  async open(url, ready) {
    const { targetInfos } = await this.send('Target.getTargets');
    const target = targetInfos.find(info => info.type === 'page');
    const { sessionId } = await this.send('Target.attachToTarget', { targetId: target.targetId, flatten: true });
    this.session = sessionId;
    for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await this.send(`${domain}.enable`);
    await this.size(1400, 900);
    await this.send('Page.navigate', { url });
    await this.until(`document.readyState === "complete" && (${ready})`);
  }

  /// Another address, in the same tab and as if typed there.
  async go(url, ready) {
    await this.send('Page.navigate', { url: 'about:blank' });
    await this.until('location.href === "about:blank" && document.readyState === "complete"');
    await this.send('Page.navigate', { url });
    await this.until(`location.href !== "about:blank" && document.readyState === "complete" && (${ready})`);
  }

  /// Chooses an option of a list.
  async choose(selector, value) {
    await this.value(`(() => {
      const list = document.querySelector(${JSON.stringify(selector)});
      list.value = ${JSON.stringify(value)};
      list.dispatchEvent(new Event('change', { bubbles: true }));
    })()`);
  }

  size(width, height) {
    return this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  }

  async value(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async until(expression) {
    for (let tries = 0; tries < 400; tries += 1) {
      if (await this.value(expression)) return;
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    throw new Error(`never came: ${expression}`);
  }

  async key(key, code = key, text = '') {
    const event = { key, code, text, unmodifiedText: text, windowsVirtualKeyCode: KEYS[key] ?? 0 };
    await this.send('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', ...event });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event, text: '' });
  }

  async type(text) {
    await this.send('Input.insertText', { text });
  }

  async click(selector) {
    const place = await this.value(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      if (!element) return null;
      element.scrollIntoView({ block: 'center', inline: 'center' });
      const box = element.getBoundingClientRect();
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    })()`);
    if (!place) throw new Error(`nothing is ${selector}`);
    for (const type of ['mousePressed', 'mouseReleased']) {
      await this.send('Input.dispatchMouseEvent', { type, ...place, button: 'left', clickCount: 1 });
    }
  }

  async picture(name) {
    if (!this.pictures) return;
    const { data } = await this.send('Page.captureScreenshot', { format: 'png' });
    fs.writeFileSync(path.join(this.pictures, `${name}.png`), Buffer.from(data, 'base64'));
  }

  scheme(value) {
    return this.send('Emulation.setEmulatedMedia', { media: '', features: [{ name: 'prefers-color-scheme', value }] });
  }

  async close() {
    await this.send('Browser.close').catch(() => this.process.kill());
    await this.ended;
  }
}

const KEYS = { Enter: 13, Escape: 27, ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40, Tab: 9 };

module.exports = { Page, browser };
