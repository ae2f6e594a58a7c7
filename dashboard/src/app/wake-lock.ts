/** Keeps the screen of a wall display awake, where the browser can, until the returned function is called. */
export function requestWakeLock(): () => void {
  let lock: WakeLockSentinel | undefined
  let over = false
  const ask = async () => {
    if (over || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return
    try {
      lock = await navigator.wakeLock.request('screen')
      if (over) await lock.release()
    } catch (error) {
      console.info('the screen may go to sleep:', error) // such as a battery that is low: the page works all the same
    }
  }
  // the browser lets go of it whenever the page is hidden
  document.addEventListener('visibilitychange', ask)
  void ask()
  return () => {
    over = true
    document.removeEventListener('visibilitychange', ask)
    void lock?.release()
  }
}
