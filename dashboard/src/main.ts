import 'virtual:colours.css'
import './ui/base.css'
import { mount } from 'svelte'
import { z } from 'zod'
import App from './app/App.svelte'
import { loadMessages } from './i18n/load.ts'
import { initialLanguage } from './i18n/locale.svelte.ts'
import { fetchConfig } from './live/api-client.ts'
import { hasWebgl2 } from './map/webgl.ts'
import { installFonts, mapFontLoaded } from './ui/fonts.ts'

// schemas are compiled with `new Function` otherwise, which a strict content security policy forbids
z.config({ jitless: true })
installFonts()

// asked for before anything is shown, so that the map is there sooner; who needs them says when they do not come
const config = fetchConfig().catch(() => undefined)
const webgl = hasWebgl2()
if (webgl) {
  import('./map/sensor-map.ts').then(({ warmUp }) => warmUp()).catch(() => {})
  mapFontLoaded().catch(() => {})
}

const target = document.getElementById('app')
if (target) mount(App, { target, props: { texts: await loadMessages(initialLanguage()), webgl, asked: config } })
