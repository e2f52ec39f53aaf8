use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::RecordBatch;
use arrow_flight::decode::FlightRecordBatchStream;
use arrow_flight::sql::client::FlightSqlServiceClient;
use arrow_flight::sql::{
    CommandGetTables, CommandStatementIngest, EndTransaction, TableDefinitionOptions,
    TableExistsOption, TableNotExistOption,
};
use arrow_flight::{CancelFlightInfoRequest, FlightClient, FlightInfo};
use arrow_schema::{Schema, SchemaRef};
use futures::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use tonic::transport::{Channel, Endpoint};

use crate::AnyError;
use crate::values;

type SqlClient = FlightSqlServiceClient<Channel>;
type TransactionId = tonic::codegen::Bytes;

/// A result that was left open.
struct Open {
    stream: FlightRecordBatchStream,
    rows: usize,
}

pub struct Client {
    uri: String,
    connection: Option<(SqlClient, Channel)>,
    transactions: HashMap<String, TransactionId>,
    results: HashMap<String, Open>,
}

fn text<'a>(step: &'a Value, key: &str) -> Result<&'a str, AnyError> {
    step[key]
        .as_str()
        .ok_or_else(|| format!("no {key} in {step}").into())
}

fn list<'a>(value: &'a Value) -> Result<&'a [Value], AnyError> {
    Ok(value.as_array().ok_or("not a list")?)
}

impl Client {
    pub fn new(uri: &str) -> Self {
        Client {
            uri: uri.into(),
            connection: None,
            transactions: HashMap::new(),
            results: HashMap::new(),
        }
    }

    pub async fn answer(&mut self, step: &Value) -> Result<Value, AnyError> {
        let kind = step
            .as_object()
            .and_then(|step| step.keys().next())
            .ok_or("no step")?;
        match kind.as_str() {
            "scenario" => self.begin_anew().await,
            "query" => self.query(step).await,
            "as_query" => {
                let info = self.execute(step, "as_query").await?;
                self.fetch(info).await?;
                Ok(json!({}))
            }
            "update" => {
                let transaction = self.transaction(step);
                let sql = text(step, "update")?.to_string();
                counted(self.sql()?.execute_update(sql, transaction).await?)
            }
            "many" => self.many(step).await,
            "drain" => self.drain(step).await,
            "open" => self.open(step).await,
            "read" => self.read(text(step, "read")?).await,
            "rest" => self.rest(text(step, "rest")?).await,
            "cancel" => {
                // To drop the stream is how a client of tonic cancels a call.
                self.results
                    .remove(text(step, "cancel")?)
                    .ok_or("no such result")?;
                Ok(json!({}))
            }
            "cancel_while" => self.cancel_while(step).await,
            "ingest" => self.ingest(step).await,
            "begin" => {
                let id = self.sql()?.begin_transaction().await?;
                self.transactions.insert(text(step, "begin")?.into(), id);
                Ok(json!({}))
            }
            "commit" => {
                self.end(text(step, "commit")?, EndTransaction::Commit)
                    .await
            }
            "rollback" => {
                self.end(text(step, "rollback")?, EndTransaction::Rollback)
                    .await
            }
            "tables" => self.tables(step).await,
            "table_schema" => self.table_schema(step).await,
            "prepare" => self.prepare(step).await,
            _ => Ok(json!({"unsupported": format!("arrow-rs has no {kind}")})),
        }
    }

    async fn begin_anew(&mut self) -> Result<Value, AnyError> {
        self.results.clear();
        self.transactions.clear();
        let channel = Endpoint::from_shared(self.uri.clone())?.connect().await?;
        self.connection = Some((FlightSqlServiceClient::new(channel.clone()), channel));
        Ok(json!({}))
    }

    fn sql(&mut self) -> Result<&mut SqlClient, AnyError> {
        Ok(&mut self.connection.as_mut().ok_or("no connection")?.0)
    }

    fn transaction(&self, step: &Value) -> Option<TransactionId> {
        step["in"]
            .as_str()
            .and_then(|name| self.transactions.get(name).cloned())
    }

    async fn execute(&mut self, step: &Value, key: &str) -> Result<FlightInfo, AnyError> {
        let transaction = self.transaction(step);
        let sql = text(step, key)?.to_string();
        Ok(self.sql()?.execute(sql, transaction).await?)
    }

    /// Reads all endpoints, and checks that each has the schema that the info promises.
    async fn fetch(&mut self, info: FlightInfo) -> Result<(SchemaRef, Vec<RecordBatch>), AnyError> {
        let mut promised = None;
        if !info.schema.is_empty() {
            promised = Some(info.clone().try_decode_schema()?);
        }
        let mut batches = Vec::new();
        let mut sent = None;
        for endpoint in info.endpoint {
            let ticket = endpoint.ticket.ok_or("no ticket")?;
            let mut stream = self.sql()?.do_get(ticket).await?;
            while let Some(batch) = stream.try_next().await? {
                batches.push(batch);
            }
            let schema = stream.schema().ok_or("no schema was sent")?.clone();
            if promised
                .as_ref()
                .is_some_and(|promised| *promised != *schema)
            {
                return Err(format!("promised {promised:?}, sent {schema:?}").into());
            }
            sent = Some(schema);
        }
        Ok((sent.ok_or("no endpoint")?, batches))
    }

    async fn query(&mut self, step: &Value) -> Result<Value, AnyError> {
        let seconds = step["seconds"].as_f64();
        let asked = async {
            let info = match step.get("parameters") {
                None => self.execute(step, "query").await?,
                Some(row) => {
                    let mut statement = self
                        .sql()?
                        .prepare(text(step, "query")?.into(), None)
                        .await?;
                    statement.set_parameters(values::parameters(step, &[row.clone()])?)?;
                    let info = statement.execute().await?;
                    let (schema, batches) = self.fetch(info).await?;
                    statement.close().await?;
                    return values::answer(&schema, &batches);
                }
            };
            let (schema, batches) = self.fetch(info).await?;
            values::answer(&schema, &batches)
        };
        within(seconds, asked).await
    }

    async fn many(&mut self, step: &Value) -> Result<Value, AnyError> {
        let mut statement = self
            .sql()?
            .prepare(text(step, "many")?.into(), None)
            .await?;
        statement.set_parameters(values::parameters(step, list(&step["parameters"])?)?)?;
        let count = statement.execute_update().await?;
        statement.close().await?;
        counted(count)
    }

    async fn drain(&mut self, step: &Value) -> Result<Value, AnyError> {
        let info = self.execute(step, "drain").await?;
        let (mut total, mut sum) = (0, 0);
        for endpoint in info.endpoint {
            let ticket = endpoint.ticket.ok_or("no ticket")?;
            let mut stream = self.sql()?.do_get(ticket).await?;
            while let Some(batch) = stream.try_next().await? {
                total += batch.num_rows();
                let numbers = batch.column(0).as_primitive::<Int64Type>();
                sum += numbers.values().iter().sum::<i64>();
            }
        }
        Ok(json!({"total": total, "sum": sum}))
    }

    async fn open(&mut self, step: &Value) -> Result<Value, AnyError> {
        let info = self.execute(step, "sql").await?;
        let endpoint = info.endpoint.into_iter().next().ok_or("no endpoint")?;
        let ticket = endpoint.ticket.ok_or("no ticket")?;
        let stream = self.sql()?.do_get(ticket).await?;
        self.results
            .insert(text(step, "open")?.into(), Open { stream, rows: 0 });
        Ok(json!({}))
    }

    async fn read(&mut self, name: &str) -> Result<Value, AnyError> {
        let open = self.results.get_mut(name).ok_or("no such result")?;
        while let Some(batch) = open.stream.try_next().await? {
            open.rows += batch.num_rows();
            if batch.num_rows() > 0 {
                let numbers = batch.column(0).as_primitive::<Int64Type>();
                return Ok(json!({"first": numbers.value(0)}));
            }
        }
        Err("no more batches".into())
    }

    async fn rest(&mut self, name: &str) -> Result<Value, AnyError> {
        let mut open = self.results.remove(name).ok_or("no such result")?;
        while let Some(batch) = open.stream.try_next().await? {
            open.rows += batch.num_rows();
        }
        Ok(json!({"total": open.rows}))
    }

    /// Fetches, and asks the server to cancel until the fetch has ended.
    async fn cancel_while(&mut self, step: &Value) -> Result<Value, AnyError> {
        let info = self.execute(step, "cancel_while").await?;
        let channel = self.connection.as_ref().ok_or("no connection")?.1.clone();
        let mut canceller = FlightClient::new(channel);
        let request = CancelFlightInfoRequest::new(info.clone());
        let mut fetching = Box::pin(self.fetch(info));
        loop {
            tokio::select! {
                ended = &mut fetching => return ended.map(|_| json!({})),
                () = tokio::time::sleep(Duration::from_millis(100)) => {
                    canceller.cancel_flight_info(request.clone()).await?;
                }
            }
        }
    }

    async fn ingest(&mut self, step: &Value) -> Result<Value, AnyError> {
        let batch = values::batch(list(&step["columns"])?, list(&step["rows"])?)?;
        let (missing, existing) = match text(step, "mode")? {
            "create" => (TableNotExistOption::Create, TableExistsOption::Fail),
            "append" => (TableNotExistOption::Fail, TableExistsOption::Append),
            "create_append" => (TableNotExistOption::Create, TableExistsOption::Append),
            _ => (TableNotExistOption::Create, TableExistsOption::Replace),
        };
        let command = CommandStatementIngest {
            table_definition_options: Some(TableDefinitionOptions {
                if_not_exist: missing as i32,
                if_exists: existing as i32,
            }),
            table: text(step, "ingest")?.into(),
            ..Default::default()
        };
        let batches = futures::stream::iter([Ok(batch)]).boxed();
        counted(self.sql()?.execute_ingest(command, batches).await?)
    }

    async fn end(&mut self, name: &str, how: EndTransaction) -> Result<Value, AnyError> {
        let id = self
            .transactions
            .remove(name)
            .ok_or("no such transaction")?;
        self.sql()?.end_transaction(id, how).await?;
        Ok(json!({}))
    }

    async fn tables(&mut self, step: &Value) -> Result<Value, AnyError> {
        let wanted = &step["tables"];
        let types = wanted["types"].as_array().into_iter().flatten();
        let request = CommandGetTables {
            table_name_filter_pattern: wanted["name"].as_str().map(Into::into),
            table_types: types
                .filter_map(|word| Some(word.as_str()?.to_string()))
                .collect(),
            ..Default::default()
        };
        let info = self.sql()?.get_tables(request).await?;
        let mut names = Vec::new();
        for batch in self.fetch(info).await?.1 {
            let column = batch.column(2).as_string::<i32>();
            names.extend(column.iter().flatten().map(str::to_string));
        }
        Ok(json!({"names": names}))
    }

    async fn table_schema(&mut self, step: &Value) -> Result<Value, AnyError> {
        let request = CommandGetTables {
            table_name_filter_pattern: Some(text(step, "table_schema")?.into()),
            include_schema: true,
            ..Default::default()
        };
        let info = self.sql()?.get_tables(request).await?;
        let batches = self.fetch(info).await?.1;
        let [batch] = batches.as_slice() else {
            return Err("not one batch".into());
        };
        if batch.num_rows() != 1 {
            return Err("not one table".into());
        }
        let bytes = batch.column(4).as_binary::<i32>().value(0);
        let schema = arrow_ipc::reader::StreamReader::try_new(bytes, None)
            .map(|reader| reader.schema())
            .or_else(|_| {
                Schema::try_from(arrow_flight::IpcMessage(bytes.to_vec().into()))
                    .map(SchemaRef::new)
            })?;
        Ok(json!({"fields": values::fields(&schema)}))
    }

    async fn prepare(&mut self, step: &Value) -> Result<Value, AnyError> {
        let statement = self
            .sql()?
            .prepare(text(step, "prepare")?.into(), None)
            .await?;
        let fields = values::fields(statement.dataset_schema()?);
        let parameters = statement.parameter_schema()?.fields().len();
        statement.close().await?;
        Ok(json!({"fields": fields, "parameter_count": parameters}))
    }
}

fn counted(rows: i64) -> Result<Value, AnyError> {
    Ok(json!({"count": if rows < 0 { Value::Null } else { rows.into() }}))
}

async fn within(
    seconds: Option<f64>,
    asked: impl Future<Output = Result<Value, AnyError>>,
) -> Result<Value, AnyError> {
    match seconds {
        None => asked.await,
        Some(seconds) => tokio::time::timeout(Duration::from_secs_f64(seconds), asked)
            .await
            .unwrap_or_else(|_| Err(tonic::Status::deadline_exceeded("by the client").into())),
    }
}
