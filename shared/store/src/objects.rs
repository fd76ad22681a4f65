//! Objects that functions read and write themselves, whole.

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::get_object::builders::GetObjectFluentBuilder;

use crate::Store;
use crate::item::{Error, Result, service};

/// What is asked for, if it is there.
pub(crate) async fn found(asked: GetObjectFluentBuilder) -> Result<Option<GetObjectOutput>> {
    match asked.send().await {
        Ok(object) => Ok(Some(object)),
        Err(error) if error.as_service_error().is_some_and(|e| e.is_no_such_key()) => Ok(None),
        Err(error) => Err(service("GetObject")(error)),
    }
}

/// Bytes of the body that came.
pub(crate) fn length(object: &GetObjectOutput) -> Result<u64> {
    let length = object.content_length.and_then(|length| u64::try_from(length).ok());
    length.ok_or_else(|| Error::malformed("an object without its length"))
}

impl Store {
    pub(crate) async fn read_object(&self, key: &str) -> Result<Vec<u8>> {
        let object = self.s3.get_object().bucket(&self.bucket).key(key).send().await.map_err(service("GetObject"))?;
        Ok(object.body.collect().await.map_err(Error::malformed)?.to_vec())
    }

    /// The object, if it is there.
    pub(crate) async fn find_object(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let Some(object) = found(self.s3.get_object().bucket(&self.bucket).key(key)).await? else { return Ok(None) };
        Ok(Some(object.body.collect().await.map_err(Error::malformed)?.to_vec()))
    }

    pub(crate) async fn write_object(&self, key: &str, content_type: &str, body: Vec<u8>) -> Result<()> {
        self.s3
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(content_type)
            .body(body.into())
            .send()
            .await
            .map_err(service("PutObject"))?;
        Ok(())
    }

    /// Deletes an object; one that is not there is fine.
    pub(crate) async fn delete_object(&self, key: &str) -> Result<()> {
        let delete = self.s3.delete_object().bucket(&self.bucket).key(key);
        delete.send().await.map(drop).map_err(service("DeleteObject"))
    }
}
