/**
 * The components of @hubspot/ui-extensions that the card uses, as plain HTML with classes of our own.
 * Props and their defaults are those of the kit's types; what a card does not use is not drawn.
 */
import type {
  AlertProps,
  DescriptionListItemProps,
  DescriptionListProps,
  ErrorStateProps,
  FlexProps,
  HeadingProps,
  ListProps,
  LoadingSpinnerProps,
  ProgressBarProps,
  StatisticsItemProps,
  StatisticsProps,
  StepIndicatorProps,
  TagProps,
  TextProps,
} from "@hubspot/ui-extensions";
import { Children, type ComponentType, type ReactNode } from "react";

/** HubSpot's sizes have a long and a short name each. */
const SIZES: Record<string, string> = {
  "extra-small": "xs",
  small: "sm",
  medium: "md",
  large: "lg",
  "extra-large": "xl",
};

const classes = (...names: (string | false | undefined)[]) => names.filter(Boolean).join(" ");
const sized = (of: string, size: string) => `${of}-${SIZES[size] ?? size}`;

function Text({ children, variant = "bodytext", inline = false, format = {} }: TextProps) {
  const className = classes("text", variant, format.fontWeight, format.italic && "italic");
  return inline ? <span className={className}>{children}</span> : <p className={className} dir="auto">{children}</p>;
}

function Heading({ children }: HeadingProps) {
  return <h3 className="heading" dir="auto">{children}</h3>;
}

function Flex({ children, direction = "row", gap = "flush", justify = "start", align = "stretch", wrap }: FlexProps) {
  const wraps = wrap === true || wrap === "wrap";
  return (
    <div className={classes("flex", direction, sized("gap", gap), `justify-${justify}`, `align-${align}`, wraps && "wrap")}>
      {children}
    </div>
  );
}

function Tag({ children, variant = "default" }: TagProps) {
  return <span className={classes("tag", variant)} dir="auto">{children}</span>;
}

function Alert({ title, children, variant = "info" }: AlertProps) {
  return (
    <div className={classes("alert", variant)} role="note" dir="auto">
      <p className="alert-title">{title}</p>
      <div>{children}</div>
    </div>
  );
}

function Statistics({ children }: StatisticsProps) {
  return <dl className="statistics">{children}</dl>;
}

function StatisticsItem({ label, number, children }: StatisticsItemProps) {
  return (
    <div className="statistic">
      <dt>{label}</dt>
      <dd>
        <span className="number" dir="auto">{number}</span>
        {children}
      </dd>
    </div>
  );
}

function ProgressBar(props: ProgressBarProps) {
  const { title, value = 0, maxValue = 100, valueDescription, variant = "success" } = props;
  const share = Math.min(1, Math.max(0, value / maxValue));
  return (
    <div className="progress">
      <p className="progress-head">
        <span dir="auto">{title}</span>
        <span dir="auto">{valueDescription}</span>
      </p>
      <div
        role="progressbar"
        aria-label={props["aria-label"] ?? title}
        aria-valuenow={value}
        aria-valuemin={0}
        aria-valuemax={maxValue}
        aria-valuetext={valueDescription}
      >
        <div className={classes("bar", variant)} style={{ inlineSize: `${share * 100}%` }} />
      </div>
    </div>
  );
}

function StepIndicator(props: StepIndicatorProps) {
  const { stepNames, currentStep = 0, direction = "horizontal", variant = "default" } = props;
  const place = (index: number) => (index < currentStep ? "past" : index === currentStep ? "current" : "ahead");
  return (
    <ol className={classes("steps", direction, variant)}>
      {stepNames.map((name, index) => (
        <li key={index} className={place(index)} aria-current={index === currentStep ? "step" : undefined}>
          <span className="circle" aria-hidden="true">{index < currentStep ? "✓" : index + 1}</span>
          <span className="step" dir="auto">{name}</span>
        </li>
      ))}
    </ol>
  );
}

function List({ children, variant = "unordered" }: ListProps) {
  const Kind = variant.startsWith("ordered") ? "ol" : "ul";
  return (
    <Kind className={classes("list", variant)}>
      {Children.map(children as ReactNode, (child) => <li dir="auto">{child}</li>)}
    </Kind>
  );
}

function DescriptionList({ children, direction = "column" }: DescriptionListProps) {
  return <dl className={classes("descriptions", direction)}>{children}</dl>;
}

function DescriptionListItem({ label, children }: DescriptionListItemProps) {
  return (
    <div className="description">
      <dt>{label}</dt>
      <dd dir="auto">{children}</dd>
    </div>
  );
}

function LoadingSpinner({ label, showLabel = false }: LoadingSpinnerProps) {
  return (
    <div className="loading" role="status">
      <span className="spinner" aria-hidden="true" />
      <span className={showLabel ? undefined : "unseen"}>{label}</span>
    </div>
  );
}

function ErrorState({ title, children }: ErrorStateProps) {
  return (
    <div className="error" role="alert" dir="auto">
      <h3 className="heading">{title}</h3>
      {children}
    </div>
  );
}

/** By the names under which the kit sends them. */
export const COMPONENTS: Record<string, ComponentType<any>> = {
  Alert,
  DescriptionList,
  DescriptionListItem,
  ErrorState,
  Flex,
  Heading,
  List,
  LoadingSpinner,
  ProgressBar,
  Statistics,
  StatisticsItem,
  StepIndicator,
  Tag,
  Text,
};
