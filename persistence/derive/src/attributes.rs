//! What `#[entity(…)]` says, read once.

use proc_macro2::Span;
use syn::parse::Parse as _;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Data, DeriveInput, Field, Fields, Ident, LitStr, Path, Result, Token, Type,
    Visibility, parenthesized,
};

/// A struct to be mapped.
pub struct EntityInput {
    pub name: Ident,
    pub visibility: Visibility,
    pub table: Path,
    pub table_name: String,
    pub draft: Ident,
    pub validate: bool,
    pub icon: Option<String>,
    pub unique: Vec<Vec<Ident>>,
    pub has_many: Vec<HasMany>,
    pub columns: Vec<ColumnInput>,
}

/// `has_many(name: Entity.field)`
pub struct HasMany {
    pub name: Ident,
    pub entity: Path,
    pub field: Ident,
}

/// A field to be mapped.
#[expect(clippy::struct_excessive_bools, reason = "each is one independent attribute")]
pub struct ColumnInput {
    pub name: Ident,
    pub visibility: Visibility,
    pub ty: Type,
    pub docs: Vec<Attribute>,
    pub span: Span,
    pub is_key: bool,
    pub is_label: bool,
    pub is_searched: bool,
    pub is_unique: bool,
    pub fill: Fill,
    pub reference: Option<ReferenceInput>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    Draft,
    Generated,
    Now,
    Version,
}

/// `references(Entity, on_delete = …, orphan = …, as = …)`
pub struct ReferenceInput {
    pub entity: Path,
    pub on_delete: Ident,
    pub orphan: Ident,
    pub name: Ident,
}

impl EntityInput {
    pub fn parse(input: &DeriveInput) -> Result<Self> {
        let Data::Struct(data) = &input.data else {
            return Err(syn::Error::new(input.span(), "an entity is a struct with named fields"));
        };
        let Fields::Named(fields) = &data.fields else {
            return Err(syn::Error::new(input.span(), "an entity is a struct with named fields"));
        };
        if !input.generics.params.is_empty() {
            return Err(syn::Error::new(input.generics.span(), "an entity has no generics"));
        }
        let mut table = None;
        let mut table_name = None;
        let mut draft = Ident::new(&format!("New{}", input.ident), input.ident.span());
        let mut validate = false;
        let mut icon = None;
        let mut unique = Vec::new();
        let mut has_many = Vec::new();
        for attribute in own(&input.attrs) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("table") {
                    table = Some(meta.value()?.parse::<Path>()?);
                } else if meta.path.is_ident("table_name") {
                    table_name = Some(meta.value()?.parse::<LitStr>()?.value());
                } else if meta.path.is_ident("draft") {
                    draft = meta.value()?.parse()?;
                } else if meta.path.is_ident("validate") {
                    validate = true;
                } else if meta.path.is_ident("icon") {
                    icon = Some(meta.value()?.parse::<LitStr>()?.value());
                } else if meta.path.is_ident("unique") {
                    let content;
                    parenthesized!(content in meta.input);
                    let fields: Punctuated<Ident, Token![,]> =
                        content.parse_terminated(Ident::parse, Token![,])?;
                    unique.push(fields.into_iter().collect());
                } else if meta.path.is_ident("has_many") {
                    let content;
                    parenthesized!(content in meta.input);
                    let name = content.parse()?;
                    content.parse::<Token![:]>()?;
                    let entity = content.parse()?;
                    content.parse::<Token![.]>()?;
                    has_many.push(HasMany { name, entity, field: content.parse()? });
                } else {
                    return Err(meta.error(
                        "expected table, table_name, draft, validate, icon, unique(…) or has_many(…)",
                    ));
                }
                Ok(())
            })?;
        }
        let table = table.ok_or_else(|| {
            syn::Error::new(input.ident.span(), "say the table: #[entity(table = schema::users)]")
        })?;
        let table_name =
            table_name.or_else(|| table.segments.last().map(|segment| segment.ident.to_string()));
        let columns = fields.named.iter().map(ColumnInput::parse).collect::<Result<Vec<_>>>()?;
        if !columns.iter().any(|column| column.is_key) {
            return Err(syn::Error::new(
                input.ident.span(),
                "mark the primary key's field: #[entity(key)]",
            ));
        }
        if columns.len() > 64 {
            return Err(syn::Error::new(input.ident.span(), "an entity has at most 64 columns"));
        }
        Ok(Self {
            name: input.ident.clone(),
            visibility: input.vis.clone(),
            table,
            table_name: table_name.unwrap_or_default(),
            draft,
            validate,
            icon,
            unique,
            has_many,
            columns,
        })
    }

    pub fn position(&self, field: &Ident) -> Result<usize> {
        self.columns
            .iter()
            .position(|column| column.name == *field)
            .ok_or_else(|| syn::Error::new(field.span(), format!("no field `{field}`")))
    }
}

impl ColumnInput {
    fn parse(field: &Field) -> Result<Self> {
        let name = field
            .ident
            .clone()
            .ok_or_else(|| syn::Error::new(field.span(), "an entity's fields have names"))?;
        let mut column = Self {
            visibility: field.vis.clone(),
            ty: field.ty.clone(),
            docs: field.attrs.iter().filter(|a| a.path().is_ident("doc")).cloned().collect(),
            span: field.ty.span(),
            is_key: false,
            is_label: false,
            is_searched: false,
            is_unique: false,
            fill: Fill::Draft,
            reference: None,
            name,
        };
        for attribute in own(&field.attrs) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("key") {
                    column.is_key = true;
                } else if meta.path.is_ident("generated") {
                    column.fill = Fill::Generated;
                } else if meta.path.is_ident("version") {
                    column.fill = Fill::Version;
                } else if meta.path.is_ident("now") {
                    column.fill = Fill::Now;
                } else if meta.path.is_ident("label") {
                    column.is_label = true;
                } else if meta.path.is_ident("search") {
                    column.is_searched = true;
                } else if meta.path.is_ident("unique") {
                    column.is_unique = true;
                } else if meta.path.is_ident("references") {
                    column.reference = Some(parse_reference(&meta, &column.name)?);
                } else {
                    return Err(meta.error(
                        "expected key, generated, version, now, label, search, unique or references(…)",
                    ));
                }
                Ok(())
            })?;
        }
        Ok(column)
    }

    /// The field's constant: `AUTHOR_ID`.
    pub fn constant(&self) -> Ident {
        Ident::new(&self.name.to_string().to_uppercase(), self.name.span())
    }

    pub fn is_optional(&self) -> bool {
        matches!(&self.ty, Type::Path(path)
            if path.path.segments.last().is_some_and(|segment| segment.ident == "Option"))
    }

    pub fn is_text(&self) -> bool {
        matches!(&self.ty, Type::Path(path)
            if path.path.segments.last().is_some_and(|segment| segment.ident == "String"))
    }
}

fn parse_reference(meta: &syn::meta::ParseNestedMeta<'_>, field: &Ident) -> Result<ReferenceInput> {
    let content;
    parenthesized!(content in meta.input);
    let entity = content.parse()?;
    let mut on_delete = Ident::new("restrict", field.span());
    let mut orphan = Ident::new("keep", field.span());
    let short = field.to_string();
    let short = short.strip_suffix("_id").unwrap_or(&short);
    let mut name = Ident::new(short, field.span());
    while content.parse::<Option<Token![,]>>()?.is_some() && !content.is_empty() {
        if content.parse::<Option<Token![as]>>()?.is_some() {
            content.parse::<Token![=]>()?;
            name = content.parse()?;
        } else {
            let key: Ident = content.parse()?;
            content.parse::<Token![=]>()?;
            if key == "on_delete" {
                on_delete = content.parse()?;
            } else if key == "orphan" {
                orphan = content.parse()?;
            } else {
                return Err(syn::Error::new(key.span(), "expected on_delete, orphan or as"));
            }
        }
    }
    Ok(ReferenceInput { entity, on_delete, orphan, name })
}

fn own(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("entity"))
}
