/** What a row may leave out, and what it stands for. */
export interface RowParts {
  /** names of parts in the order they are left out; styles hide what `data-drops` of the row names */
  parts: readonly string[]
  /** whatever changes the width of what is shown, but for its figures */
  shown: unknown
}

/**
 * A Svelte action: leaves parts of a row out, one after the other, until what remains fits its width. While it measures, the row has
 * `data-measuring`, in which styles give figures the room of the longest: what they count moves nothing later.
 */
export function fitRow(
  row: HTMLElement,
  { parts: first }: RowParts,
): { update(given: RowParts): void; destroy(): void } {
  let parts = first
  const fitWidth = () => {
    row.dataset.measuring = ''
    for (let dropped = 0; dropped <= parts.length; dropped++) {
      row.dataset.drops = parts.slice(0, dropped).join(' ')
      if (row.scrollWidth <= row.clientWidth) break
    }
    delete row.dataset.measuring
  }
  const size = new ResizeObserver(fitWidth)
  size.observe(row)
  // a figure that comes or goes; the text of figures is no child that does
  const children = new MutationObserver(fitWidth)
  children.observe(row, { childList: true, subtree: true })
  void document.fonts.ready.then(fitWidth)
  // letters of another range that come later are of another width
  document.fonts.addEventListener('loadingdone', fitWidth)
  return {
    update(given) {
      parts = given.parts
      fitWidth()
    },
    destroy() {
      size.disconnect()
      children.disconnect()
      document.fonts.removeEventListener('loadingdone', fitWidth)
    },
  }
}
