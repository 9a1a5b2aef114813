//! What the window asks of other threads, and so of the database: each question is a task.

mod action;
mod bulk;
mod changing;
mod choices;
mod column_figures;
mod counts;
mod explanation;
mod figures;
mod growth;
mod history;
mod images;
mod import;
mod labels;
mod listed;
mod null_rates;
mod records;
mod related;
mod rows;
mod scan;
mod schema;
mod selected;
mod settings;
mod staged;
mod transfers;
mod value_file;
mod whole_rows;

pub use action::RunAction;
pub use bulk::{
    BulkExample, BulkExtent, BulkRows, BulkStaged, BulkSummary, BulkWritten, LookAtBulk,
    RefusedRows, StageBulk, WriteBulk,
};
pub use changing::{
    ChangeStaged, ChangedStaged, ReviewStaged, Reviewed, StagedChange, deletions_of,
};
pub(crate) use changing::{change_staged, gone as gone_of, stored as stored_of};
pub use choices::{Choice, FindChoices, FindValues};
pub use column_figures::{Bin, ColumnFigures, Distribution, ValueCount};
pub use counts::{Count, Estimate};
pub use explanation::{Explanation, IndexAdvice};
pub use figures::{Explain, FindGrowth, FindNullRates, FindStatistics};
pub use growth::{Growth, GrowthPoint, Period};
pub use history::{
    CHANGES_AT_ONCE, FindTakingBack, MOST_TAKEN_BACK, ReadChanges, ReadHistory, TakenBack,
};
pub use images::{DecodeImage, ImagePlace, ImageScale, LONGEST_IMAGE, ReadImages};
pub use import::{
    ImportEnding, ImportRows, ImportSource, Imported, LookAtRows, LookedAt, MOST_STAGED,
    NotImported, Spelled, ToStage, rejects_of,
};
pub use labels::{Labels, ReadLabels};
pub use listed::{Cell, ListedRow, SHOWN, SeenRow};
pub use null_rates::{NullRate, NullRates};
pub use records::{Find, ReadDefaults, RecordNumber, Write};
pub use related::{FindRelated, FoundRelated};
pub use rows::{ReadRows, Rows};
pub use scan::{ScanStep, Scanned, Walk};
pub use schema::{LookAtSchema, Schema, Step, TakeStep};
pub use selected::{
    FindBetween, FindGone, PlanDeletion, PlannedDeletion, ReadDeletion, ReadPlanned, SeenDeletion,
};
pub use settings::KeepSettings;
pub use staged::{Commit, Committed, Ended, FindOutcome, KeepStaging, ToWrite, WrittenRows};
pub use transfers::{AddUp, Copied, CopyCell, CopyRows, LONGEST_TABLE, WriteFile};
pub use value_file::{LoadValue, SaveValue};
pub use whole_rows::{ReadWhole, WholeRows};
