//! The original's SQLite file, read only. Its columns came with many versions, so rows are read by
//! name and a column an old file lacks is as good as empty.

use super::OriginalError;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Map, Number, Value};
use std::path::{Path, PathBuf};

/// A row by column.
pub struct Row(Map<String, Value>);

impl Row {
    /// A text that is not empty.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.0.get(column)?.as_str().filter(|text| !text.is_empty())
    }

    /// A text, or an empty one.
    pub fn words(&self, column: &str) -> String {
        self.text(column).unwrap_or_default().to_owned()
    }

    /// A whole number.
    pub fn number(&self, column: &str) -> Option<i64> {
        self.0.get(column)?.as_i64()
    }

    /// A truth.
    pub fn flag(&self, column: &str) -> bool {
        self.number(column).is_some_and(|number| number != 0)
    }

    /// JSON kept as text; absent when it is none.
    pub fn json(&self, column: &str) -> Option<Value> {
        api_ingest::read_json(self.text(column)?.as_bytes()).ok()
    }

    /// A value as it is.
    pub fn value(&self, column: &str) -> Option<&Value> {
        self.0.get(column).filter(|value| !value.is_null())
    }
}

/// The file.
pub struct Original {
    path: PathBuf,
    connection: Connection,
}

impl Original {
    /// Opens a file that the original may still be writing.
    pub fn open(path: &Path) -> Result<Self, OriginalError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let wrap = |error| OriginalError::File(path.to_owned(), error);
        let connection = Connection::open_with_flags(path, flags).map_err(wrap)?;
        let original = Self {
            path: path.to_owned(),
            connection,
        };
        for table in ["user", "batch", "job", "event"] {
            if !original.has(table)? {
                return Err(OriginalError::Foreign(path.to_owned(), table));
            }
        }
        // One moment for everything that is read.
        original.connection.execute_batch("BEGIN").map_err(wrap)?;
        Ok(original)
    }

    fn has(&self, table: &str) -> Result<bool, OriginalError> {
        let sql = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?1";
        let count = self
            .connection
            .query_row(sql, [table], |row| row.get::<_, i64>(0));
        Ok(count.map_err(|error| self.wrap(error))? > 0)
    }

    fn wrap(&self, error: rusqlite::Error) -> OriginalError {
        OriginalError::File(self.path.clone(), error)
    }

    /// All rows of a table in an order; none when an old file has no such table.
    pub fn rows(&self, table: &'static str, order: &str) -> Result<Vec<Row>, OriginalError> {
        if !self.has(table)? {
            return Ok(vec![]);
        }
        self.read(&format!("SELECT * FROM \"{table}\" ORDER BY {order}"), None)
    }

    /// The rows of a batch in a table, as they came.
    pub fn of_batch(&self, table: &'static str, batch: &str) -> Result<Vec<Row>, OriginalError> {
        if !self.has(table)? {
            return Ok(vec![]);
        }
        let sql = format!("SELECT * FROM \"{table}\" WHERE batch_id = ?1 ORDER BY rowid");
        self.read(&sql, Some(batch))
    }

    fn read(&self, sql: &str, batch: Option<&str>) -> Result<Vec<Row>, OriginalError> {
        let read = || -> rusqlite::Result<Vec<Row>> {
            let mut statement = self.connection.prepare(sql)?;
            let names: Vec<String> = statement
                .column_names()
                .iter()
                .map(|name| (*name).to_owned())
                .collect();
            let mut rows = statement.query(rusqlite::params_from_iter(batch))?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let mut columns = Map::new();
                for (i, name) in names.iter().enumerate() {
                    columns.insert(name.clone(), json(row.get_ref(i)?));
                }
                found.push(Row(columns));
            }
            Ok(found)
        };
        read().map_err(|error| self.wrap(error))
    }
}

fn json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
    }
}
