import type { Freshness } from '#telemetry/sensor.ts'
import type { Section } from '../navigation/sections.ts'
import type { State } from '../sensor/filters.ts'

/** Every text of the page. Each language has one object of this type. */
export interface Messages {
  title: string
  subtitle: string
  language: string
  /** each names what a press does */
  theme: { light: string; dark: string }
  /** `more` opens the other sections */
  view: { label: string; more: string; forbidden: string; kiosk: string; leaveKiosk: string }
  sections: Record<Section, string>
  connection: { connecting: string; live: string; lost: string }
  banner: { lost: (since: string) => string; broker: string; store: string; clock: (off: string) => string }
  freshness: Record<Freshness, string>
  /** a sensor's clock; `off` as in `+7 h` */
  clockWrong: (off: string) => string
  /** what a wrong clock means for what is shown, and what to do */
  clockHint: { ahead: string; slow: string }
  /** of one value of a sensor that goes on */
  staleValue: string
  latency: string
  /** what the clock shows */
  clock: string
  refused: (count: string) => string
  filter: {
    kinds: string
    districts: string
    search: string
    placeholder: string
    ward: string
    allWards: string
    state: string
    allStates: string
    states: Record<State, string>
    reset: string
  }
  /** what the map's layers say */
  layers: {
    title: string
    /** what is wrong with a sensor whose clock is, beside its mark */
    clock: string
    /** of the layer with VN_AQI: hour up to which it was measured */
    asOf: (hour: string) => string
    noAqi: string
    aqiFailed: string
  }
  list: {
    title: string
    found: (found: string, all: string) => string
    more: string
    none: string
    loading: string
    command: (count: string) => string
  }
  table: {
    name: string
    kind: string
    district: string
    ward: string
    state: string
    level: string
    value: string
    age: string
  }
  legend: {
    title: string
    abnormal: string
    freshness: string
    kinds: string
    /** an active alert of this priority */
    alert: (priority: string) => string
    /** several marks drawn as one */
    cluster: string
    /** what the figures of the header count */
    counted: string
    fresh: string
    stale: string
    offline: string
  }
  /** messages that did not validate */
  levels: { normal: string; warning: string; critical: string }
  /** what the header's figures count: sensors, by reading or by alert */
  marked: { warning: string; critical: string }
  /** the past on the map */
  replay: {
    title: string
    /** in the header, on the tab */
    badge: string
    /** the live feed, which goes on behind a replay */
    behind: string
    scrubber: string
    now: string
    play: string
    pause: string
    /** name of the key */
    space: string
    back: string
    forward: string
    speed: string
    live: string
    loading: string
    waiting: string
    failing: string
    broken: string
    missing: string
    partial: string
    sparse: string
    /** raised in a stretch of time */
    alerts: (count: string) => string
  }
  panel: {
    close: string
    showOnMap: string
    measured: string
    values: string
    none: string
    /** readings came, all of a clock that is ahead */
    noneInTime: string
    loading: string
    retry: string
    raw: string
    gone: string
    /** counted in so many seconds */
    inPeriod: (seconds: string) => string
  }
  map: {
    label: string
    sketch: string
    zoomIn: string
    zoomOut: string
    /** shows all districts */
    fit: string
    noWebgl: string
    loading: string
    failed: string
  }
  signIn: {
    /** what to do, for each way to sign in */
    texts: Record<'password' | 'token' | 'invitation', string>
    name: string
    password: string
    field: string
    newPassword: string
    repeat: string
    button: string
    accept: string
    withToken: string
    withPassword: string
    openId: string
    openIdFaults: { forbidden: string; failed: string; unreachable: string }
    faults: Record<
      'password' | 'token' | 'invitation',
      Record<'wrong' | 'often' | 'short' | 'different' | 'unreachable', string>
    >
    unreachable: string
  }
  words: Record<string, string>
}
