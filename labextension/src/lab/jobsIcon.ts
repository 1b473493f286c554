import { LabIcon } from "@jupyterlab/ui-components";

/** Three jobs: two unfinished, one done. */
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16">
  <g class="jp-icon3 jp-icon-selectable" fill="#616161">
    <path d="M10 5h11v2H10zm0 6h11v2H10zm0 6h11v2H10z"/>
    <path d="M5 3.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5M5 5a1 1 0 1 0 0 2 1 1 0 0 0 0-2"/>
    <path d="M5 9.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5M5 11a1 1 0 1 0 0 2 1 1 0 0 0 0-2"/>
    <path d="m3.9 20.6-2-2L3 17.500l.9.9 2.6-2.600 1.100 1.100z"/>
  </g>
</svg>`;

/** The icon of the sidebar, of its commands and settings. */
export const jobsIcon = new LabIcon({ name: "primwidgets:jobs", svgstr: SVG });
