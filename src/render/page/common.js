'use strict';
/// What the page of a report and the page of `serve` share.
const PATHPROOF = {
  SIGNS: { reachable: '✓', unreachable: '✗', partial: '◐', undetermined: '?' },
  MARKS: { pass: '✓', fail: '✗', vacuous: '∅', undetermined: '?', waived: '~', error: '!' },
  WORDS: {
    en: {
      reachable: 'reachable', unreachable: 'unreachable', partial: 'partial', undetermined: 'undetermined',
      pass: 'passed', fail: 'failed', vacuous: 'vacuous', waived: 'waived', error: 'error', step: 'step', what_if: 'what if',
      matrix: 'Who reaches whom', other: '中文', close: 'Close', nearest: 'nearest',
    },
    zh: {
      reachable: '可达', unreachable: '不可达', partial: '部分可达', undetermined: '未决',
      pass: '通过', fail: '失败', vacuous: '空集', waived: '豁免', error: '错误', step: '步骤', what_if: '假设',
      matrix: '互通矩阵', other: 'English', close: '关闭', nearest: '最接近的规则',
    },
  },
  $: id => document.getElementById(id),
  /// Scrolls a frame of cells of a size to one of them, behind heads of a width and a height.
  reveal: (frame, size, [row, column], head) => {
    const [x, y] = [size * column, size * row];
    if (x < frame.scrollLeft) frame.scrollLeft = x;
    if (x + size + head[0] > frame.scrollLeft + frame.clientWidth) frame.scrollLeft = x + size + head[0] - frame.clientWidth;
    if (y < frame.scrollTop) frame.scrollTop = y;
    if (y + size + head[1] > frame.scrollTop + frame.clientHeight) frame.scrollTop = y + size + head[1] - frame.clientHeight;
  },
  /// An element with its properties or attributes; children that are nothing are left out.
  make: (tag, fields, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(fields ?? {})) {
      if (name in element && !name.includes('-') && name !== 'list') element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...children.flat().filter(child => child !== null && child !== undefined && child !== ''));
    return element;
  },
};
