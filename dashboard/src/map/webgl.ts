/** Whether this browser can draw the map. */
export function hasWebgl2(): boolean {
  const context = document.createElement('canvas').getContext('webgl2')
  // browsers hold few contexts at once
  context?.getExtension('WEBGL_lose_context')?.loseContext()
  return context !== null
}
