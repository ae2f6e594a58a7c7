import type { Page } from 'playwright-core'

/** least width and height of what can be pressed, CSS px (WCAG 2.2, 2.5.8) */
const leastTarget = 24
/** letters of a row's name that are to be read in its table */
const leastLetters = 12

/**
 * What is wrong with the layout of what a page shows now, a line each: what is wider than the page, texts that are cut off with nothing
 * to say so, what lies outside and cannot be scrolled to, what can be pressed and is too small or covered, names of a table's rows
 * that have no room. An expression of the page's script.
 */
const script = `(() => {
  const faults = []
  const name = (element) => {
    const text = (element.getAttribute('data-testid') || element.textContent || element.getAttribute('aria-label') || '').trim()
    return '<' + element.tagName.toLowerCase() + '> ' + text.replace(/\\s+/g, ' ').slice(0, 50)
  }
  const round = (box) => [box.left, box.top, box.right, box.bottom].map(Math.round).join(' ')
  const modal = document.querySelector('dialog[open]')
  const root = modal || document.body
  const isSeen = (element) => {
    if (!element.checkVisibility({ visibilityProperty: true })) return false
    for (let up = element; up && up !== document.body; up = up.parentElement) if (getComputedStyle(up).clipPath.startsWith('inset')) return false
    return true
  }
  if (document.scrollingElement.scrollWidth > innerWidth) faults.push('the page is ' + document.scrollingElement.scrollWidth + ' px wide')

  /** The part of a box that its ancestors and the window show; what scrolls counts as shown, and so does what says that it is cut. */
  const cut = (from, box, isText) => {
    let { left, top, right, bottom } = box
    for (let up = from; up && up !== document.body; up = up.parentElement) {
      const style = getComputedStyle(up)
      if (style.display === 'inline') continue
      const edge = up.getBoundingClientRect()
      const says = style.textOverflow === 'ellipsis' && up.closest('[title]')
      const scrollsX = /auto|scroll/.test(style.overflowX)
      const scrollsY = /auto|scroll/.test(style.overflowY)
      if (isText && style.overflowX !== 'visible' && !scrollsX && !says && (left < edge.left - 1.5 || right > edge.right + 1.5)) return 'is cut off at the side by ' + name(up)
      if (isText && style.overflowY !== 'visible' && !scrollsY && !says && (top < edge.top - 2.5 || bottom > edge.bottom + 2.5)) return 'is cut off above or below by ' + name(up)
      // before the beginning nothing scrolls
      if (scrollsX && left + up.scrollLeft < edge.left - 1.5) return 'cannot be scrolled to in ' + name(up)
      if (scrollsY && top + up.scrollTop < edge.top - 2.5) return 'cannot be scrolled to in ' + name(up)
      if (scrollsX || says) { left = Math.max(left, edge.left); right = Math.min(right, edge.right) }
      if (scrollsY) { top = Math.max(top, edge.top); bottom = Math.min(bottom, edge.bottom) }
      // scrolled out of sight
      if (right <= left || bottom <= top) return undefined
      if (style.position === 'fixed') break
    }
    return left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1
      ? 'is outside of the window: ' + round({ left, top, right, bottom })
      : undefined
  }

  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const text = walker.currentNode
    const parent = text.parentElement
    if (text.data.trim() === '' || ['SCRIPT', 'STYLE', 'OPTION', 'TITLE', 'OPTGROUP'].includes(parent.tagName) || !isSeen(parent)) continue
    const range = document.createRange()
    range.selectNodeContents(text)
    const box = range.getBoundingClientRect()
    if (box.width === 0) continue
    const fault = cut(parent, box, true)
    if (fault) faults.push(name(parent) + ' ' + fault)
  }

  const pressable = [...root.querySelectorAll('button, a[href], input, select, textarea, summary, [role=button], [role=switch], [role=checkbox]')].filter(isSeen)
  const boxes = pressable.map((element) => {
    const own = element.getBoundingClientRect()
    const label = element.matches('[type=checkbox], [type=radio]') && element.closest('label')
    const box = label ? label.getBoundingClientRect() : own
    const fault = cut(element.parentElement, own, false)
    if (fault) faults.push(name(element) + ' ' + fault)
    if (Math.round(box.width) < ${leastTarget} || Math.round(box.height) < ${leastTarget}) faults.push(name(element) + ' is only ' + Math.round(box.width) + ' × ' + Math.round(box.height) + ' px')
    return own
  })
  /** what the box's scrolling ancestors show of it */
  const shown = (element, box) => {
    let { left, top, right, bottom } = box
    for (let up = element.parentElement; up; up = up.parentElement) {
      if (getComputedStyle(up).overflow === 'visible') continue
      const edge = up.getBoundingClientRect()
      left = Math.max(left, edge.left); right = Math.min(right, edge.right)
      top = Math.max(top, edge.top); bottom = Math.min(bottom, edge.bottom)
    }
    return { left, top, right, bottom }
  }
  pressable.forEach((element, at) => {
    const one = shown(element, boxes[at])
    if (one.right - one.left < 4 || one.bottom - one.top < 4) return
    const x = (one.left + one.right) / 2
    const y = (one.top + one.bottom) / 2
    const above = document.elementFromPoint(x, y)
    if (above && !element.contains(above) && !above.contains(element) && !(element.closest('label') && element.closest('label').contains(above)))
      faults.push(name(element) + ' is covered by ' + name(above))
    pressable.slice(at + 1).forEach((other, later) => {
      if (element.contains(other) || other.contains(element)) return
      const two = shown(other, boxes[at + 1 + later])
      const wide = Math.min(one.right, two.right) - Math.max(one.left, two.left)
      const high = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top)
      if (wide > 1 && high > 1) faults.push(name(element) + ' lies over ' + name(other))
    })
  })

  const pen = new OffscreenCanvas(1, 1).getContext('2d')
  for (const table of root.querySelectorAll('main table')) {
    if (!isSeen(table)) continue
    for (const row of table.tBodies[0] ? table.tBodies[0].rows : []) {
      const cell = [...row.cells].find((one) => one.innerText.trim().length > 3 && one.colSpan === 1)
      if (!cell) continue
      const style = getComputedStyle(cell)
      pen.font = style.font
      const needed = Math.min(pen.measureText('0').width * ${leastLetters}, pen.measureText(cell.textContent.trim()).width)
      const room = cell.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight)
      if (room < needed - 1) faults.push('the first column has ' + Math.round(room) + ' px for ' + name(cell))
    }
  }
  return [...new Set(faults)]
})()`

/** Reads them, when nothing moves any more. */
export async function layoutFaults(page: Page): Promise<string[]> {
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
  return page.evaluate<string[]>(script)
}
