// Every panel of the dashboard with what Prometheus answered, drawn by the components that Grafana's
// own panels consist of, with the defaults of those panels.
import {
  applyFieldOverrides, createTheme, dateTime, type DataFrame, type Field, FieldType,
  getDisplayValueAlignmentFactors, getFieldDisplayValues, Registry, ThemeContext, toDataFrame,
  VizOrientation,
} from "@grafana/data";
import {
  AxisPlacement, BarGaugeDisplayMode, BarGaugeNamePlacement, BarGaugeValueMode, BigValueColorMode,
  BigValueGraphMode, BigValueJustifyMode, BigValueTextMode, FieldColorModeId, GraphDrawStyle,
  LegendDisplayMode, LineInterpolation, ScaleDistribution, StackingMode, VisibilityMode,
} from "@grafana/schema";
import {
  BarGauge, BigValue, GlobalStyles, PanelChrome, PanelContextProvider, TimeSeries, VizRepeater,
} from "@grafana/ui";
import "uplot/dist/uPlot.min.css";
import { createRoot } from "react-dom/client";
import { dashboard } from "./dashboard";
import data from "./data.json";

type Target = { refId: string; expr: string; legendFormat?: string; instant?: boolean };
type Sample = [number, string];
type Series = { metric: Record<string, string>; value?: Sample; values?: Sample[] };
type Panel = {
  id: number; type: string; title: string; description?: string; targets: Target[];
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig: { defaults: Record<string, any>; overrides: any[] };
  options?: Record<string, any>;
};

const COLUMN = 1440 / 24;
const ROW = 38; // as Grafana's grid: 30 and 8 between
const theme = createTheme({ colors: { mode: "dark" } });
const range = {
  from: dateTime(data.start * 1000), to: dateTime(data.end * 1000),
  raw: { from: dashboard.time!.from!, to: dashboard.time!.to! },
};
// What a graph is drawn with where the dashboard says nothing.
const GRAPH = {
  drawStyle: GraphDrawStyle.Line, lineInterpolation: LineInterpolation.Linear, lineWidth: 1,
  fillOpacity: 0, gradientMode: "none", showPoints: VisibilityMode.Auto, pointSize: 5, spanNulls: false,
  axisPlacement: AxisPlacement.Auto, axisLabel: "", scaleDistribution: { type: ScaleDistribution.Linear },
  stacking: { mode: StackingMode.None, group: "A" }, hideFrom: { legend: false, tooltip: false, viz: false },
  thresholdsStyle: { mode: "off" }, axisBorderShow: false, axisCenteredZero: false, axisColorMode: "text",
  barAlignment: 0,
};
const registry = new Registry<any>(() =>
  ["unit", "min", "max", "decimals", "thresholds", "mappings", "color", "displayName", "noValue"].map((id) => ({
    id, path: id, name: id, isCustom: false, process: (value: unknown) => value, shouldApply: () => true,
  })),
);

function legend(format: string | undefined, labels: Record<string, string>): string {
  return (format ?? "").replace(/{{\s*(\w+)\s*}}/g, (_, name) => labels[name] ?? "");
}

function framesOf(panel: Panel): DataFrame[] {
  const isGraph = panel.type === "timeseries";
  const answers = (data.answers as unknown as Record<string, Series[][]>)[panel.id];
  const frames = panel.targets.flatMap((target, place) =>
    answers[place].map((series) => {
      const samples = series.values ?? [series.value!];
      return toDataFrame({
        refId: target.refId,
        fields: [
          { name: "Time", type: FieldType.time, values: samples.map(([at]) => at * 1000), config: {} },
          {
            name: "Value", type: FieldType.number, values: samples.map(([, value]) => Number(value)),
            labels: series.metric,
            config: {
              displayNameFromDS: legend(target.legendFormat, series.metric),
              ...(isGraph ? { custom: GRAPH } : {}),
            },
          },
        ],
      });
    }),
  );
  const mode = isGraph ? FieldColorModeId.PaletteClassic : FieldColorModeId.Thresholds;
  return applyFieldOverrides({
    data: frames, theme, timeZone: "utc", replaceVariables: (text: string) => text,
    fieldConfig: { ...panel.fieldConfig, defaults: { color: { mode }, ...panel.fieldConfig.defaults } } as any,
    fieldConfigRegistry: registry,
  });
}

function Single({ panel, width, height }: { panel: Panel; width: number; height: number }) {
  const frames = framesOf(panel);
  const values = () =>
    getFieldDisplayValues({
      fieldConfig: panel.fieldConfig as any, replaceVariables: (text: string) => text, theme, data: frames,
      reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false, ...panel.options?.reduceOptions },
      timeZone: "utc",
    });
  return (
    <VizRepeater
      source={frames} getValues={values} renderCounter={1} width={width} height={height}
      orientation={panel.options?.orientation ?? VizOrientation.Auto} autoGrid={panel.type === "stat"}
      itemSpacing={panel.type === "bargauge" ? 8 : 3} minVizHeight={panel.type === "bargauge" ? 16 : undefined}
      maxVizHeight={panel.type === "bargauge" ? 300 : undefined}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, width, height, orientation, alignmentFactors, count }: any) =>
        panel.type === "stat" ? (
          <BigValue
            value={value.display} count={count} width={width} height={height} theme={theme}
            alignmentFactors={alignmentFactors} colorMode={panel.options?.colorMode ?? BigValueColorMode.Value}
            graphMode={panel.options?.graphMode ?? BigValueGraphMode.Area} justifyMode={BigValueJustifyMode.Auto}
            textMode={panel.options?.textMode ?? BigValueTextMode.Auto} wideLayout
          />
        ) : (
          <BarGauge
            value={value.display} width={width} height={height} orientation={orientation} field={value.field}
            display={value.view?.getFieldDisplayProcessor(value.colIndex)} theme={theme} itemSpacing={8} lcdCellWidth={8}
            alignmentFactors={alignmentFactors} displayMode={panel.options?.displayMode ?? BarGaugeDisplayMode.Gradient}
            showUnfilled valueDisplayMode={BarGaugeValueMode.Color} namePlacement={BarGaugeNamePlacement.Auto}
            isOverflow={false}
          />
        )
      }
    />
  );
}

function Graph({ panel, width, height }: { panel: Panel; width: number; height: number }) {
  return (
    <TimeSeries
      frames={framesOf(panel)} width={width} height={height} timeRange={range as any} timeZone="utc"
      legend={{ displayMode: LegendDisplayMode.List, placement: "bottom", showLegend: true, calcs: [], ...panel.options?.legend }}
    />
  );
}

function Board() {
  const panels = dashboard.panels as unknown as Panel[];
  const bottom = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  return (
    <div id="board" style={{ position: "relative", width: 1440, height: bottom * ROW + 8 }}>
      {panels.map((panel) => {
        const { x, y, w, h } = panel.gridPos;
        const [width, height] = [w * COLUMN - 8, h * ROW - 8];
        return (
          <div key={panel.id} data-title={panel.title} style={{ position: "absolute", left: x * COLUMN + 4, top: y * ROW + 8 }}>
            <PanelChrome title={panel.title} description={panel.description} width={width} height={height}>
              {(inner, outer) =>
                panel.type === "timeseries"
                  ? <Graph panel={panel} width={inner} height={outer} />
                  : <Single panel={panel} width={inner} height={outer} />}
            </PanelChrome>
          </div>
        );
      })}
    </div>
  );
}

createRoot(document.getElementById("root")!).render(
  <ThemeContext.Provider value={theme}><GlobalStyles /><Board /></ThemeContext.Provider>,
);
