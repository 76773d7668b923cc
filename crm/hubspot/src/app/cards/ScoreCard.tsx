/** The card on a record: reads the outputs from the record's properties and lays out what `view()` says of them. */
import {
  Alert,
  type CrmContext,
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
} from "@hubspot/ui-extensions";
import { type Of, type Scorecard, type View, view } from "./card/card.js";
import { readerOf, useValues } from "./record.js";

/** Companies' object type; every other record that the card is on is a contact (HubSpot's object type ids). */
const COMPANY = "0-2";

type Props = { context: CrmContext; scorecard: Scorecard };

export function ScoreCard({ context, scorecard }: Props) {
  const of: Of = context.crm.objectTypeId === COMPANY ? "accounts" : "leads";
  const { values, isLoading, error } = useValues(scorecard[of] ?? {});
  const shown = view(values, scorecard, of, readerOf(context, new Date()));
  if (isLoading) return <LoadingSpinner label={shown.words.loading} showLabel layout="centered" />;
  if (error) return <Failed error={error} words={shown.words} />;
  return <Layout shown={shown} narrow={context.location === "crm.record.sidebar"} />;
}

/** HubSpot's own message is for whoever the reader calls. */
function Failed({ error, words }: { error: Error; words: View["words"] }) {
  return (
    <ErrorState title={words.failedTitle}>
      <Text>{words.failedText}</Text>
      <Text variant="microcopy">{error.message}</Text>
    </ErrorState>
  );
}

function Layout({ shown, narrow }: { shown: View; narrow: boolean }) {
  return (
    <Flex direction="column" gap="medium">
      <Answer shown={shown} />
      {shown.notice && <Notice notice={shown.notice} />}
      <Rank shown={shown} />
      <Scales shown={shown} />
      <Way shown={shown} narrow={narrow} />
      <Facts shown={shown} narrow={narrow} />
      <Reasons shown={shown} />
      <Feedback shown={shown} />
      {shown.updatedAt && <Text variant="microcopy">{shown.updatedAt}</Text>}
    </Flex>
  );
}

/** What do I do now, why, and until when: the first two lines. */
function Answer({ shown: { todo, why, until } }: { shown: View }) {
  return (
    <Flex direction="column" gap="extra-small">
      <Heading>{todo}</Heading>
      {(why || until) && (
        <Text>
          {why}
          {why && until && " · "}
          {until && <Strong>{until}</Strong>}
        </Text>
      )}
    </Flex>
  );
}

function Notice({ notice: { tone, title, text } }: { notice: NonNullable<View["notice"]> }) {
  return (
    <Alert title={title} variant={tone}>
      {text}
    </Alert>
  );
}

const TAGS = { best: "success", good: "info", fair: "default", low: "default", none: "default" } as const;

/** Priority and grade, large, and what they mean. */
function Rank({ shown: { priority, grade, words } }: { shown: View }) {
  if (!priority && !grade) return null;
  return (
    <Flex direction="column" gap="small">
      <Statistics>
        {priority && <Rating label={words.priority} value={priority.value} scale={joined(priority.place, priority.since)} />}
        {grade && <Rating label={words.grade} value={grade.value} scale={grade.text} />}
      </Statistics>
      {priority?.sentence && (
        <Flex>
          <Tag variant={TAGS[priority.tone]}>{priority.sentence}</Tag>
        </Flex>
      )}
      {priority?.index && <Text variant="microcopy">{priority.index}</Text>}
    </Flex>
  );
}

function joined(...parts: string[]): string {
  return parts.filter(Boolean).join(" · ");
}

function Rating({ label, value, scale }: { label: string; value: string; scale: string }) {
  return (
    <StatisticsItem label={label} number={value}>
      {scale && <Text variant="microcopy">{scale}</Text>}
    </StatisticsItem>
  );
}

/**
 * The score and its parts, each on its own scale.
 * Not as a ScoreCircle: that takes 0 to 100 only, and colours by the number what the scorecard may rank otherwise.
 */
function Scales({ shown: { score, parts } }: { shown: View }) {
  const scales = score ? [score, ...parts] : parts;
  if (scales.length === 0) return null;
  return (
    <Flex direction="column" gap="small">
      {scales.map((scale) => (
        <Scale key={scale.key} scale={scale} />
      ))}
    </Flex>
  );
}

function Scale({ scale: { label, text, share } }: { scale: NonNullable<View["score"]> }) {
  if (share !== null) return <ProgressBar title={label} value={share * 100} maxValue={100} valueDescription={text} />;
  return (
    <Flex justify="between" gap="small" wrap>
      <Text>{label}</Text>
      <Text>{text}</Text>
    </Flex>
  );
}

/** The stage on its way through the cycle; the sidebar has no room for the names of all. */
function Way({ shown: { stage, words }, narrow }: { shown: View; narrow: boolean }) {
  if (!stage) return null;
  return (
    <Flex direction="column" gap="small">
      <Text>
        <Strong>{words.stage}</Strong>
      </Text>
      <StepIndicator
        stepNames={stage.path.map(({ value }) => value)}
        currentStep={stage.path.findIndex(({ status }) => status === "current")}
        variant={narrow ? "compact" : "default"}
      />
    </Flex>
  );
}

/** How soon to act, where the score is going, and how likely a deal is. */
function Facts({ shown: { urgency, trend, likelihood, words }, narrow }: { shown: View; narrow: boolean }) {
  const facts: [string, string | undefined][] = [
    [words.urgency, urgency?.text],
    [words.trend, trend ? `${trend.arrow} ${trend.text}` : undefined],
    [words.likelihood, likelihood?.text],
  ];
  const known = facts.filter(([, text]) => text);
  if (known.length === 0) return null;
  return (
    <DescriptionList direction={narrow ? "column" : "row"}>
      {known.map(([label, text]) => (
        <DescriptionListItem key={label} label={label}>
          <Text>{text}</Text>
        </DescriptionListItem>
      ))}
    </DescriptionList>
  );
}

/** What made the score, as signed lines. */
function Reasons({ shown: { reasons, moreReasons, words } }: { shown: View }) {
  if (reasons.length === 0) return null;
  return (
    <Flex direction="column" gap="small">
      <Text>
        <Strong>{words.reasons}</Strong>
      </Text>
      <List variant="unordered">
        {reasons.map(({ sign, amount, text }, index) => (
          <Text key={index}>
            {amount && <Strong>{`${sign}${amount} `}</Strong>}
            {text}
          </Text>
        ))}
      </List>
      {moreReasons && <Text variant="microcopy">{moreReasons}</Text>}
    </Flex>
  );
}

/** What sales found, beside what the score says. */
function Feedback({ shown: { feedback, words } }: { shown: View }) {
  if (!feedback) return null;
  return (
    <DescriptionList direction="column">
      <DescriptionListItem label={words.feedback}>
        <Text>{feedback}</Text>
      </DescriptionListItem>
    </DescriptionList>
  );
}

function Strong({ children }: { children: string }) {
  return (
    <Text inline format={{ fontWeight: "demibold" }}>
      {children}
    </Text>
  );
}
