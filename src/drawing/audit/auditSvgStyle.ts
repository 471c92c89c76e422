/** @file The colours of an audit's drawings. */

/** Pages set `--right` and `--wrong`; text and lines are the page's own colour. Kept out of attributes, which a strict page may forbid. */
export const auditSvgStyle = `
.confusion, .calibration { display: block; max-width: 100%; height: auto; color: inherit; font: 12px system-ui, sans-serif; }
.confusion text, .calibration text { fill: currentColor; }
.confusion .right { fill: var(--right); }
.confusion .wrong { fill: var(--wrong); }
.confusion .empty { fill: currentColor; fill-opacity: .04; }
.calibration .bar { fill: var(--right); fill-opacity: .45; }
.calibration .gap { fill: var(--wrong); fill-opacity: .25; stroke: var(--wrong); stroke-width: 1; }
.calibration .count { fill: currentColor; fill-opacity: .3; }
.calibration .axis { stroke: currentColor; stroke-opacity: .5; fill: none; }
.calibration .ideal { stroke: currentColor; stroke-opacity: .6; stroke-dasharray: 4 4; fill: none; }
`;
