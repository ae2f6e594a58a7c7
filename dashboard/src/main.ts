import '@fontsource/be-vietnam-pro/400.css'
import '@fontsource/be-vietnam-pro/600.css'
import 'maplibre-gl/dist/maplibre-gl.css'
import 'uplot/dist/uPlot.min.css'
import './app.css'
import { mount } from 'svelte'
import { z } from 'zod'
import App from './view/App.svelte'

// schemas are compiled with `new Function` otherwise, which a strict content security policy forbids
z.config({ jitless: true })

const target = document.getElementById('app')
if (target) mount(App, { target })
