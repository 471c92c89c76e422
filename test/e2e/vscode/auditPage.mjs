/** @file Page object for an audit's page: its matrix, gallery, findings and comparison, and what a person does there. */
import { ExplanationPanel } from "./explanationPanel.mjs";
import { until } from "./until.mjs";

/** The audit's page that is in front in one workbench. Its states are "running", "paused", "failed" and "done". */
export class AuditPage extends ExplanationPanel {
  /** Presses a cell of the confusion matrix, by class names. @param {string} label @param {string} predicted */
  async pressCell(label, predicted) {
    const frame = await this.frame();
    await frame.locator(`.matrix-cell[aria-label^="${label} → ${predicted}:"]`).click();
  }

  /** The cell of mistakes that holds most images, with its class names. */
  async worstCell() {
    const frame = await this.frame();
    const cells = await frame.locator('.matrix-cell[data-kind="wrong"]').evaluateAll((all) => all.map((cell) => cell.getAttribute("aria-label") ?? ""));
    const read = cells.map((text) => /^(.+) → (.+): ([\d,]+) images?/.exec(text)).map(([, label, predicted, images]) => ({ label, predicted, images: Number(images.replace(/,/g, "")) }));
    return read.toSorted((a, b) => b.images - a.images)[0];
  }

  /** The heading of the gallery, such as "23 of 27 images". */
  async galleryTitle() {
    const title = (await this.frame()).locator("#gallery-title");
    return until("the number of images", async () => {
      const text = await title.innerText();
      return /\d/.test(text) && text;
    });
  }

  /** The files in sight, once none of them waits for its data or its picture. @param {string} [gallery] */
  async shots(gallery = "gallery") {
    const frame = await this.frame();
    return until("pictures in the gallery", async () => {
      const shots = await frame.locator(`#${gallery} .shot:visible`).evaluateAll((all) => all.map((shot) => ({ file: shot.dataset.file ?? "", isWaiting: shot.hasAttribute("data-waiting"), isMissing: shot.hasAttribute("data-missing"), y: shot.getBoundingClientRect().top, x: shot.getBoundingClientRect().left })));
      return shots.length > 0 && shots.every(({ file, isWaiting }) => file !== "" && !isWaiting) && shots.toSorted((a, b) => a.y - b.y || a.x - b.x);
    });
  }

  /** The tile of a file in sight. @param {string} file */
  async shot(file) {
    return (await this.frame()).locator(`.shot:visible[data-file="${file}"]`);
  }

  /** What a card says, by its finding's id. @param {string} id */
  async findings(id) {
    return (await this.frame()).locator(`.finding[data-finding="${id}"]`).allInnerTexts();
  }

  /** A number of the headline, such as "Accuracy". @param {string} name */
  async figure(name) {
    return (await this.frame()).locator(`.figure[data-figure="${name}"] .value`).innerText();
  }

  /** Saves the page in a format, answering VS Code's dialog. @param {string} format @param {string} path absolute */
  async export(format, path) {
    const frame = await this.frame();
    await frame.locator("#export").click();
    await frame.locator(`#export-${format}`).click();
    await this.workbench.quickPick.answerFile(path);
  }
}
