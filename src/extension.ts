/** @file The extension's start: builds the rooms and registers the commands. Nothing is computed here, and no process starts before it is needed. */
import * as vscode from "vscode";
import { createAttentionPanels } from "./host/attentionPanels.js";
import { createAuditPanels } from "./host/audit/auditPanels.js";
import { auditFolder } from "./host/commands/auditFolder.js";
import { chooseModel, useModel } from "./host/commands/chooseModel.js";
import { clearResults } from "./host/commands/clearResults.js";
import { compare } from "./host/commands/compare.js";
import { debugMisclassification } from "./host/commands/debugMisclassification.js";
import { doctor } from "./host/commands/doctor.js";
import { downloadModel, setHubToken } from "./host/commands/downloadModel.js";
import { explainImage } from "./host/commands/explainImage.js";
import { clearText, explainText, textSteps } from "./host/commands/explainText.js";
import { inspectAttention, inspectExplained } from "./host/commands/inspectAttention.js";
import { describeModel, inspectModel, showModelGraph } from "./host/commands/models.js";
import { compareAudits, openAudit, toggleMistakes } from "./host/commands/openAudit.js";
import { removeTensorflow, setUpTensorflow } from "./host/commands/setUpTensorflow.js";
import { createComparisons } from "./host/comparisons.js";
import { createDebugPanels } from "./host/debug/debugPanels.js";
import { createGraphDocuments } from "./host/models/graphDocuments.js";
import { createModelPanels } from "./host/models/modelPanels.js";
import { createModelsView } from "./host/models/modelsView.js";
import { createFoundModels } from "./host/models/foundModels.js";
import { createPanels } from "./host/panels.js";
import { createAttentionHighlights } from "./host/text/attentionHighlights.js";
import { createTextExplanations } from "./host/text/textExplanations.js";
import { createWorker } from "./host/workerProcess.js";

/** Called by VS Code when a command runs or a panel is restored. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Whylight", { log: true });
  const worker = createWorker(context, log);
  const services = { context, log, worker, found: createFoundModels(worker) };
  const panels = createPanels(services);
  const comparisons = createComparisons(services, panels);
  const texts = createTextExplanations(services);
  const attentions = createAttentionPanels(services, createAttentionHighlights(texts.painter, context));
  const debugs = createDebugPanels(services, panels);
  const audits = createAuditPanels(services, debugs);
  const showGraph = createGraphDocuments(services);
  const modelsView = createModelsView(services);
  const pages = createModelPanels(services, {
    showGraph,
    described: (model) => {
      modelsView.refresh();
      panels.refreshModel(model);
    },
  });
  const checkRuntimes = doctor(services);
  const commands: Readonly<Record<string, (...args: unknown[]) => unknown>> = {
    "whylight.explainImage": explainImage(services, panels),
    "whylight.compareMethods": compare("methods", services, panels, comparisons),
    "whylight.compareBaselines": compare("baselines", services, panels, comparisons),
    "whylight.compareSamples": compare("samples", services, panels, comparisons),
    "whylight.debugMisclassification": debugMisclassification(services, panels, debugs),
    "whylight.auditFolder": auditFolder(services, audits),
    "whylight.openAudit": openAudit(services, audits),
    "whylight.compareAudits": compareAudits(services, audits),
    "whylight.showMistakesInProblems": toggleMistakes("problems", services, audits),
    "whylight.showMistakesAsTests": toggleMistakes("tests", services, audits),
    "whylight.chooseModel": chooseModel(services, panels, attentions),
    "whylight.useModel": useModel(services, panels, attentions),
    "whylight.inspectModel": inspectModel(services, pages),
    "whylight.describeModel": describeModel(services, pages),
    "whylight.showModelGraph": showModelGraph(services, pages, showGraph),
    "whylight.refreshModels": () => modelsView.refresh(),
    "whylight.explainText": explainText(services, texts),
    "whylight.clearText": clearText(texts),
    "whylight.inspectAttention": inspectAttention(services, panels, texts, attentions),
    ...textSteps(texts, inspectExplained(texts, attentions)),
    "whylight.clearResults": clearResults(services),
    "whylight.showLog": () => log.show(),
    "whylight.downloadModel": downloadModel(services),
    "whylight.setHubToken": setHubToken(services),
    "whylight.doctor": () => checkRuntimes("missing"),
    "whylight.measureRuntimes": () => checkRuntimes("all"),
    "whylight.setUpTensorflow": setUpTensorflow(services),
    "whylight.removeTensorflow": removeTensorflow(services),
  };
  context.subscriptions.push(log, ...Object.entries(commands).map(([id, run]) => vscode.commands.registerCommand(id, run)));
}
